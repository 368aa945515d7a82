import { graphql } from '#lib/live/graphql.ts';

/** All that there is to know of the workspace itself, and which ones the viewer has. */
export const WorkspaceQuery = graphql(`
  query WorkspaceSettings {
    viewer { workspaces { id name role plan { name } } }
    workspace { id name slug suspendedAt plan { name limits { minute day month } } }
  }
`);

export const RenameWorkspace = graphql(`
  mutation RenameWorkspace($input: RenameWorkspaceInput!) {
    result: renameWorkspace(input: $input) {
      __typename
      ... on WorkspacePayload { workspace { id name } }
      ... on Error { message }
      ... on InvalidInputError { fields { path message } }
    }
  }
`);
