import type { ResultOf, VariablesOf } from 'gql.tada';
import { graphql } from '#lib/live/graphql.ts';
import { UsageFields } from '#lib/live/live.documents.ts';

export const KeyRow = graphql(
  `fragment KeyRow on ApiKey {
    id name hint status createdAt expiresAt lastUsedAt lastUsedIp
    createdBy { __typename ... on User { name } ... on ApiKey { name } }
    previousSecret { endsAt lastUsedAt lastUsedIp }
    usage { ...UsageFields }
  }`,
  [UsageFields],
);

/** A key with all that can be set about it. */
export const KeyDetailFields = graphql(
  `fragment KeyDetail on ApiKey { ...KeyRow scopes ipAllowlist metadata limits { minute day month } lastUsedUserAgent }`,
  [KeyRow],
);

export const KeyListQuery = graphql(
  `query KeyList($first: Int!, $after: String, $status: [ApiKeyStatus!], $search: String, $orderBy: ApiKeyOrder) {
    workspace {
      keys(first: $first, after: $after, status: $status, search: $search, orderBy: $orderBy) {
        totalCount
        pageInfo { hasNextPage endCursor }
        edges { node { ...KeyRow } }
      }
    }
  }`,
  [KeyRow],
);

export const KeyQuery = graphql(`query Key($id: ID!) { node(id: $id) { __typename ...KeyRow } }`, [KeyRow]);

/** A key, and what its workspace holds it to beside. */
export const KeyDetailQuery = graphql(
  `query KeyDetail($id: ID!) {
    node(id: $id) { __typename ...KeyDetail }
    workspace { id ipAllowlist plan { name limits { minute day month } } }
  }`,
  [KeyDetailFields],
);

export const CreateKey = graphql(
  `mutation CreateKey($input: CreateKeyInput!) {
    createKey(input: $input) {
      __typename
      ... on CreateKeyPayload { secret key { ...KeyRow } }
      ... on Error { message }
      ... on InvalidInputError { fields { path message } }
    }
  }`,
  [KeyRow],
);

export const UpdateKey = graphql(
  `mutation UpdateKey($input: UpdateKeyInput!) {
    result: updateKey(input: $input) {
      __typename
      ... on KeyPayload { key { ...KeyRow } }
      ... on Error { message }
      ... on InvalidInputError { fields { path message } }
    }
  }`,
  [KeyRow],
);

export const RotateKey = graphql(
  `mutation RotateKey($input: RotateKeyInput!) {
    result: rotateKey(input: $input) {
      __typename
      ... on RotateKeyPayload { secret key { ...KeyRow } }
      ... on Error { message }
    }
  }`,
  [KeyRow],
);

export const EndKeyOverlap = graphql(
  `mutation EndKeyOverlap($id: ID!) {
    result: endKeyOverlap(id: $id) { __typename ... on KeyPayload { key { ...KeyRow } } ... on Error { message } }
  }`,
  [KeyRow],
);

export const EnableKey = graphql(
  `mutation EnableKey($id: ID!) {
    result: enableKey(id: $id) { __typename ... on KeyPayload { key { ...KeyRow } } ... on Error { message } }
  }`,
  [KeyRow],
);

export const DisableKey = graphql(
  `mutation DisableKey($id: ID!) {
    result: disableKey(id: $id) { __typename ... on KeyPayload { key { ...KeyRow } } ... on Error { message } }
  }`,
  [KeyRow],
);

export const RevokeKey = graphql(
  `mutation RevokeKey($id: ID!) {
    result: revokeKey(id: $id) { __typename ... on KeyPayload { key { ...KeyRow } } ... on Error { message } }
  }`,
  [KeyRow],
);

export const DeleteKey = graphql(`
  mutation DeleteKey($id: ID!) {
    result: deleteKey(id: $id) { __typename ... on DeleteKeyPayload { deletedId } ... on Error { message } }
  }
`);

/** Every change of a key of the workspace, and the first request of each. */
export const KeyChanges = graphql(
  `subscription KeyChanges {
    keyChanged { kind keyId key { ...KeyRow } firstRequest { at method path status address } }
  }`,
  [KeyRow],
);

/** Which keys, in which order, as the server is asked. */
export type WantedKeys = Omit<VariablesOf<typeof KeyListQuery>, 'first' | 'after'>;
/** All of them, newest first. */
export const allKeys: WantedKeys = { status: null, search: null, orderBy: null };

export type Key = ResultOf<typeof KeyRow>;
export type KeyDetailAnswer = ResultOf<typeof KeyDetailQuery>;
export type KeyDetail = ResultOf<typeof KeyDetailFields>;
export type KeyChange = ResultOf<typeof KeyChanges>['keyChanged'];
export type SeenRequest = NonNullable<KeyChange['firstRequest']>;
