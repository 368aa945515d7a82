import type { ResultOf } from 'gql.tada';
import { graphql } from '#lib/live/graphql.ts';

/** What tells how far one has come. A receiver that took any message was tested by it. */
export const StartQuery = graphql(`
  query Start {
    workspace {
      ipAllowlist
      keys(first: 100) { totalCount edges { node { lastUsedAt ipAllowlist } } }
      webhookEndpoints(first: 20) { edges { node { deliveries(first: 1, state: DELIVERED) { edges { node { id } } } } } }
    }
  }
`);

export type StartAnswer = NonNullable<ResultOf<typeof StartQuery>['workspace']>;
