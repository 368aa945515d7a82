import type { ResultOf } from 'gql.tada';
import { graphql } from '#lib/live/graphql.ts';

/** From where the keys of the workspace may come, and from where those that pass last came. */
export const AllowlistQuery = graphql(`
  query Allowlist {
    workspace {
      ipAllowlist
      keys(first: 100, status: [ACTIVE]) { edges { node { id name lastUsedAt lastUsedIp } } }
    }
  }
`);

export const SetAllowlist = graphql(`
  mutation SetAllowlist($input: SetIpAllowlistInput!) {
    result: setIpAllowlist(input: $input) {
      __typename
      ... on WorkspacePayload { workspace { ipAllowlist } }
      ... on Error { message }
      ... on InvalidInputError { fields { path message } }
    }
  }
`);

type Answered = NonNullable<ResultOf<typeof AllowlistQuery>['workspace']>;
export type LastUse = Answered['keys']['edges'][number]['node'];
