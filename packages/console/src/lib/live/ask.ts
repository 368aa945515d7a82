/**
 * Ask: one question or command to the server over HTTP.
 *
 *   document + variables -> POST /graphql -> data, or a trouble in words
 *
 * It keeps nothing: no cache, no retry, no log. So the one answer that carries a secret lives only where it was asked for.
 * A trouble is a value; nothing here throws. What the server itself says of it is English in every language.
 */

import type { TadaDocumentNode } from 'gql.tada';
import { print } from 'graphql/language/printer';
import { m } from '#messages';

/** Why there is no data. `unreachable` may go away by trying again; `signed-out` needs a new session. */
export interface Trouble {
  readonly kind: 'unreachable' | 'signed-out' | 'refused';
  readonly message: string;
}

export type Answer<Data> =
  | { readonly ok: true; readonly data: Data }
  | { readonly ok: false; readonly trouble: Trouble };

export type Ask = <Data, Variables>(
  document: TadaDocumentNode<Data, Variables>,
  variables: Variables,
) => Promise<Answer<Data>>;

interface Needs {
  readonly fetch: typeof fetch;
  /** The session is over; called before the answer is given. */
  readonly onSignedOut?: () => void;
}

interface GraphQLBody<Data> {
  readonly data?: Data | null;
  readonly errors?: readonly { readonly message: string; readonly extensions?: { readonly code?: string } }[];
}

/** After this long without an answer the server counts as unreachable, ms. */
const patienceMs = 15_000;

export function createAsk({ fetch, onSignedOut }: Needs): Ask {
  return async (document, variables) => {
    const answer = await send(fetch, { query: print(document), variables }, document);
    if (!answer.ok && answer.trouble.kind === 'signed-out') onSignedOut?.();
    return answer;
  };
}

async function send<Data, Variables>(
  fetch: Needs['fetch'],
  request: { query: string; variables: Variables },
  _type: TadaDocumentNode<Data, Variables>,
): Promise<Answer<Data>> {
  try {
    const response = await fetch('/graphql', {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'application/graphql-response+json, application/json' },
      credentials: 'same-origin',
      cache: 'no-store',
      body: JSON.stringify(request),
      signal: AbortSignal.timeout(patienceMs),
    });
    if (response.status === 401) return no('signed-out', m.common_unreachable());
    const body: GraphQLBody<Data> = await response.json();
    return answerOf(body);
  } catch {
    return no('unreachable', m.common_unreachable());
  }
}

function answerOf<Data>(body: GraphQLBody<Data>): Answer<Data> {
  const error = body.errors?.[0];
  if (error?.extensions?.code === 'UNAUTHENTICATED') return no('signed-out', error.message);
  if (error?.extensions?.code === 'INTERNAL_SERVER_ERROR') return no('refused', m.common_unexpected());
  if (error !== undefined) return no('refused', error.message);
  if (body.data === undefined || body.data === null) return no('refused', m.common_unexpected());
  return { ok: true, data: body.data };
}

function no(kind: Trouble['kind'], message: string): { ok: false; trouble: Trouble } {
  return { ok: false, trouble: { kind, message } };
}
