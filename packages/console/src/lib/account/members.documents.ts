import type { ResultOf } from 'gql.tada';
import { graphql } from '#lib/live/graphql.ts';

/** Who belongs to the workspace; for who manages them, who is invited as well. */
export const MembersQuery = graphql(`
  query Members($manage: Boolean!) {
    workspace {
      id
      name
      members { role joinedAt user { id name email } }
      invitations @include(if: $manage) { id email role expiresAt }
    }
  }
`);

export const InviteMember = graphql(`
  mutation InviteMember($input: InviteMemberInput!) {
    result: inviteMember(input: $input) {
      __typename
      ... on InviteMemberPayload { token invitation { email role expiresAt } }
      ... on Error { message }
      ... on InvalidInputError { fields { path message } }
    }
  }
`);

export const WithdrawInvitation = graphql(`
  mutation WithdrawInvitation($id: ID!) {
    result: withdrawInvitation(id: $id) { __typename ... on MembersPayload { workspaceId } ... on Error { message } }
  }
`);

export const ChangeMemberRole = graphql(`
  mutation ChangeMemberRole($input: ChangeMemberRoleInput!) {
    result: changeMemberRole(input: $input) { __typename ... on MembersPayload { workspaceId } ... on Error { message } }
  }
`);

export const RemoveMember = graphql(`
  mutation RemoveMember($input: RemoveMemberInput!) {
    result: removeMember(input: $input) { __typename ... on MembersPayload { workspaceId } ... on Error { message } }
  }
`);

export const TransferOwnership = graphql(`
  mutation TransferOwnership($input: TransferOwnershipInput!) {
    result: transferOwnership(input: $input) { __typename ... on MembersPayload { workspaceId } ... on Error { message } }
  }
`);

export const JoinWorkspace = graphql(`
  mutation JoinWorkspace($token: String!) {
    result: joinWorkspace(token: $token) { __typename ... on MembersPayload { workspaceId } ... on Error { message } }
  }
`);

type People = NonNullable<ResultOf<typeof MembersQuery>['workspace']>;
export type Member = People['members'][number];
export type Invitation = NonNullable<People['invitations']>[number];
