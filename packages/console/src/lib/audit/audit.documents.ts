import type { ResultOf } from 'gql.tada';
import { graphql } from '#lib/live/graphql.ts';

/** A page of the log, newest first. */
export const ActivityQuery = graphql(`
  query Activity(
    $first: Int!, $after: String, $types: [String!], $keyId: ID, $actorKind: AuditActorKind, $actorId: ID, $from: DateTime
  ) {
    workspace {
      auditEvents(
        first: $first, after: $after, types: $types, keyId: $keyId, actorKind: $actorKind, actorId: $actorId, from: $from
      ) {
        edges { node { id at type actor { kind id name } address keyId userId endpointId subject before after } }
        pageInfo { hasNextPage endCursor }
      }
    }
  }
`);

/** Who may have made changes: the people of the workspace, and keys. */
export const ActorsQuery = graphql(`
  query Actors {
    workspace { members { user { id name } } keys(first: 100) { edges { node { id name scopes } } } }
  }
`);

type Log = NonNullable<ResultOf<typeof ActivityQuery>['workspace']>['auditEvents'];
export type Entry = Log['edges'][number]['node'];
