import type { ResultOf } from 'gql.tada';
import { graphql } from '#lib/live/graphql.ts';

/** Few keys, by name or hint. */
export const FindKeysQuery = graphql(`
  query FindKeys($search: String!) {
    workspace { keys(first: 8, search: $search) { edges { node { id name hint status } } } }
  }
`);

export type FoundKey = NonNullable<ResultOf<typeof FindKeysQuery>['workspace']>['keys']['edges'][number]['node'];
