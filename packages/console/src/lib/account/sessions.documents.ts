import { graphql } from '#lib/live/graphql.ts';

/** The browsers in which the viewer is signed in. */
export const SessionsQuery = graphql(`
  query Sessions { viewer { sessions { id current createdAt lastSeenAt ip userAgent } } }
`);

export const RevokeSession = graphql(`
  mutation RevokeSession($id: ID!) {
    result: revokeSession(id: $id) { __typename ... on SessionsPayload { endedIds } ... on Error { message } }
  }
`);

export const RevokeOtherSessions = graphql(`
  mutation RevokeOtherSessions {
    result: revokeOtherSessions { __typename ... on SessionsPayload { endedIds } ... on Error { message } }
  }
`);
