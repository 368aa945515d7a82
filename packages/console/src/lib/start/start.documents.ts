import type { ResultOf } from 'gql.tada';
import { graphql } from '#lib/live/graphql.ts';

/** What tells how far one has come. A webhook is tested once a receiver took a test message. */
export const StartQuery = graphql(`
  query Start {
    workspace {
      ipAllowlist
      keys(first: 100) { totalCount edges { node { lastUsedAt ipAllowlist } } }
      webhookEndpoints(first: 20) { edges { node { deliveries(first: 1, state: DELIVERED, type: "webhook.test") { edges { node { id } } } } } }
    }
  }
`);

export type StartAnswer = NonNullable<ResultOf<typeof StartQuery>['workspace']>;
