import type { ResultOf } from 'gql.tada';
import { graphql } from '#lib/live/graphql.ts';

/** A page of the log, newest first. */
export const ActivityQuery = graphql(`
  query Activity($first: Int!, $after: String, $types: [String!], $actorId: ID, $from: DateTime, $to: DateTime, $keyId: ID) {
    workspace {
      auditEvents(first: $first, after: $after, types: $types, actorId: $actorId, from: $from, to: $to, keyId: $keyId) {
        edges { node { id at type actor { id kind name } address subject before after } }
        pageInfo { hasNextPage endCursor }
      }
    }
  }
`);

/** How people and plans are called that entries name by their ids. */
export const NamesQuery = graphql(`
  query ActivityNames {
    plans { id name }
    workspace {
      plan { id name }
      members { user { id name } }
    }
  }
`);

type Log = NonNullable<ResultOf<typeof ActivityQuery>['workspace']>['auditEvents'];
export type Entry = Log['edges'][number]['node'];
