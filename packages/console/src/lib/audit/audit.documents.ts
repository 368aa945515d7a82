import type { ResultOf } from 'gql.tada';
import { graphql } from '#lib/live/graphql.ts';

/** A page of the log, newest first. */
export const ActivityQuery = graphql(`
  query Activity($first: Int!, $after: String, $types: [String!], $keyId: ID) {
    workspace {
      auditEvents(first: $first, after: $after, types: $types, keyId: $keyId) {
        edges { node { id at type actor { kind name } address subject before after } }
        pageInfo { hasNextPage endCursor }
      }
    }
  }
`);

type Log = NonNullable<ResultOf<typeof ActivityQuery>['workspace']>['auditEvents'];
export type Entry = Log['edges'][number]['node'];
