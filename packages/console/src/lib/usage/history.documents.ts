import type { ResultOf } from 'gql.tada';
import { graphql } from '#lib/live/graphql.ts';

/** Past usage of a key, a point for each step, oldest first. */
export const KeyHistoryQuery = graphql(`
  query KeyHistory($id: ID!, $from: DateTime!, $to: DateTime!, $step: UsageStep!) {
    node(id: $id) {
      __typename
      ... on ApiKey {
        usageHistory(from: $from, to: $to, step: $step) { at accepted refused refusals { code count } }
      }
    }
  }
`);

type KeyNode = Extract<NonNullable<ResultOf<typeof KeyHistoryQuery>['node']>, { __typename: 'ApiKey' }>;
export type UsagePoint = KeyNode['usageHistory'][number];
