import type { ResultOf } from 'gql.tada';
import { graphql } from '#lib/live/graphql.ts';
import { UsageFields } from '#lib/live/live.documents.ts';

/** Who is signed in, the workspace that is looked at, and where its meters stand right now. */
export const ViewerQuery = graphql(
  `query Viewer {
    viewer { user { id name email } isOperator address }
    workspace { id name role plan { id name } usage { ...UsageFields } }
  }`,
  [UsageFields],
);

export type ViewerAnswer = ResultOf<typeof ViewerQuery>;
export type Workspace = NonNullable<ViewerAnswer['workspace']>;
