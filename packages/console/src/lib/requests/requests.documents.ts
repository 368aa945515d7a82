import type { ResultOf } from 'gql.tada';
import { graphql } from '#lib/live/graphql.ts';

const LoggedFields = graphql(`
  fragment LoggedFields on LoggedRequest {
    id at method path status code address durationMs cost keyId
    key { name }
    refusal { scope allowlistOf since limit { owner window quota resetsAt } }
  }
`);

/** A page of the log, newest first. */
export const RequestsQuery = graphql(
  `
  query Requests($first: Int!, $after: String, $filter: RequestFilterInput) {
    workspace {
      requests(first: $first, after: $after, filter: $filter) {
        edges { node { ...LoggedFields } }
        pageInfo { hasNextPage endCursor }
      }
    }
  }
`,
  [LoggedFields],
);

/** Each request as it ends. */
export const RequestTail = graphql(
  `
  subscription RequestTail($filter: RequestFilterInput) {
    requests(filter: $filter) { isFirst leftOut requests { ...LoggedFields } }
  }
`,
  [LoggedFields],
);

/** One request. */
export const RequestQuery = graphql(
  `
  query Request($id: ID!) { request(id: $id) { ...LoggedFields } }
`,
  [LoggedFields],
);

/** The keys to choose among. */
export const KeyNamesQuery = graphql(`
  query KeyNames { workspace { keys(first: 100) { edges { node { id name } } } } }
`);

export type Logged = NonNullable<ResultOf<typeof RequestQuery>['request']>;
export type Batch = ResultOf<typeof RequestTail>['requests'];
