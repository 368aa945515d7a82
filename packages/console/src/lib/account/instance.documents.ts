import type { ResultOf } from 'gql.tada';
import { graphql } from '#lib/live/graphql.ts';

const WorkspaceRow = graphql(`
  fragment WorkspaceRow on Workspace {
    id name slug suspendedAt plan { id name } usage { month { used limit } }
  }
`);

/** The workspaces of the instance, a page at a time, the newest first. */
export const WorkspacesQuery = graphql(
  `query Workspaces($first: Int!, $after: String, $search: String) {
    workspaces(first: $first, after: $after, search: $search) {
      pageInfo { hasNextPage endCursor }
      edges { node { ...WorkspaceRow } }
    }
  }`,
  [WorkspaceRow],
);

export const SuspendWorkspace = graphql(
  `mutation SuspendWorkspace($id: ID!) {
    result: suspendWorkspace(id: $id) { __typename ... on WorkspacePayload { workspace { ...WorkspaceRow } } ... on Error { message } }
  }`,
  [WorkspaceRow],
);

export const ResumeWorkspace = graphql(
  `mutation ResumeWorkspace($id: ID!) {
    result: resumeWorkspace(id: $id) { __typename ... on WorkspacePayload { workspace { ...WorkspaceRow } } ... on Error { message } }
  }`,
  [WorkspaceRow],
);

export const GivePlan = graphql(
  `mutation GivePlan($input: ChangePlanInput!) {
    result: changePlan(input: $input) { __typename ... on WorkspacePayload { workspace { ...WorkspaceRow } } ... on Error { message } }
  }`,
  [WorkspaceRow],
);

export type WorkspaceRow = ResultOf<typeof WorkspaceRow>;
