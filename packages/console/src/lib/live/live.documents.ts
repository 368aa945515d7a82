import type { ResultOf } from 'gql.tada';
import { graphql } from './graphql.ts';

export const WindowFields = graphql(`
  fragment WindowFields on WindowUsage { used refused limit remaining startsAt resetsAt }
`);

export const UsageFields = graphql(
  `fragment UsageFields on Usage { minute { ...WindowFields } day { ...WindowFields } month { ...WindowFields } }`,
  [WindowFields],
);

/** A full snapshot first, then what changed; a heartbeat every 2 s. */
export const UsageTicks = graphql(
  `subscription UsageTicks { usage { seq at isComplete usage { ...UsageFields } keys { keyId usage { ...UsageFields } } } }`,
  [UsageFields],
);

export type WindowUsage = ResultOf<typeof WindowFields>;
export type Usage = ResultOf<typeof UsageFields>;
export type UsageTick = ResultOf<typeof UsageTicks>['usage'];
