import type { ResultOf } from 'gql.tada';
import { graphql } from '#lib/live/graphql.ts';
import { UsageFields } from '#lib/live/live.documents.ts';

/** Who is signed in, the workspace that is looked at, and where its meters stand right now. */
export const ViewerQuery = graphql(
  `query Viewer {
    viewer { user { id name email } isOperator address workspaces { id name } }
    workspace { id name role suspendedAt plan { id name } usage { ...UsageFields } }
  }`,
  [UsageFields],
);

/** That the workspace, its people or a plan were changed: a hint. */
export const WorkspaceChanges = graphql(`subscription WorkspaceChanges { workspaceChanged { type } }`);

export type ViewerAnswer = ResultOf<typeof ViewerQuery>;
export type Workspace = NonNullable<ViewerAnswer['workspace']>;
export type Viewer = ViewerAnswer['viewer'];
