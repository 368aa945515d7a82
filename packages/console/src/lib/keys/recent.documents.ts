import type { ResultOf } from 'gql.tada';
import { graphql } from '#lib/live/graphql.ts';

/** What keys did within the last minutes, and why calls of today were refused; the same keys as the list has. */
export const RecentQuery = graphql(`
  query Recent(
    $first: Int!
    $after: String
    $status: [ApiKeyStatus!]
    $search: String
    $orderBy: ApiKeyOrder
    $from: DateTime!
    $day: DateTime!
    $to: DateTime!
  ) {
    workspace {
      keys(first: $first, after: $after, status: $status, search: $search, orderBy: $orderBy) {
        pageInfo { hasNextPage endCursor }
        edges {
          node {
            id
            minutes: usageHistory(from: $from, to: $to, step: MINUTE) { at accepted refused }
            today: usageHistory(from: $day, to: $to, step: DAY) { refusals { code count } }
          }
        }
      }
    }
  }
`);

export type RecentAnswer = ResultOf<typeof RecentQuery>;
export type RecentKeys = NonNullable<RecentAnswer['workspace']>['keys'];
/** Of one key. */
export type RecentUse = RecentKeys['edges'][number]['node'];
