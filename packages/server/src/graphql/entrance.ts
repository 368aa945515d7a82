/**
 * Entrance: who is asking GraphQL? A session cookie from our own pages, or an API key that the guard lets in.
 *
 * The same for HTTP, SSE and WebSocket. Nobody at all may come in too: each field asks for a viewer itself.
 */

import { problems } from '@gatekey/shared';
import type { Accounts } from '../accounts/accounts.ts';
import { sessionCookie } from '../accounts/accounts.ts';
import type { Admission, Guard, Rejection } from '../guard/guard.ts';
import { type Problem, refuse } from '../kernel/problem.ts';
import type { Caller } from './context.ts';

/** What a request shows at the door. */
export interface Credentials {
  /** The values of every `Authorization` field. */
  readonly authorization: readonly string[];
  readonly headers: Headers;
  readonly address: string;
  /** Looks, but counts no call. */
  readonly isFree?: boolean;
}

export type Entry =
  | { readonly kind: 'user' | 'nobody'; readonly caller: Caller }
  | { readonly kind: 'key'; readonly caller: Caller; readonly admission: Admission }
  | { readonly kind: 'refused'; readonly decision: Rejection }
  | { readonly kind: 'foreign'; readonly problem: Problem };

export interface Entrance {
  enter(credentials: Credentials): Promise<Entry>;
}

interface Needs {
  readonly guard: Guard;
  readonly accounts: Accounts;
  readonly allowedOrigins: readonly string[];
}

/** Opens the entrance. */
export function createEntrance({ guard, accounts, allowedOrigins }: Needs): Entrance {
  return {
    async enter({ authorization, headers, address, isFree }) {
      const hasSession = headers.get('cookie')?.includes(sessionCookie) === true;
      if (authorization.length > 0) {
        if (hasSession) return { kind: 'refused', decision: ambiguous };
        const decision = await guard.decide({ authorization, address, isFree });
        if (!decision.admitted) return { kind: 'refused', decision };
        const { key } = decision;
        const actor = {
          kind: 'key',
          keyId: key.id,
          workspaceId: key.workspaceId,
          scopes: key.scopes,
          address,
        } as const;
        return { kind: 'key', caller: { actor, address }, admission: decision };
      }
      if (!hasSession) return { kind: 'nobody', caller: { actor: undefined, address } };
      if (!isOwnOrigin(headers, allowedOrigins))
        return { kind: 'foreign', problem: refuse('origin_not_allowed').problem };
      return { kind: 'user', caller: { actor: await accounts.actorOf(headers, address), address } };
    },
  };
}

const ambiguous: Rejection = {
  admitted: false,
  key: undefined,
  refusal: { code: 'credential_ambiguous', detail: problems.credential_ambiguous.help },
  secretEndsAt: null,
  taken: undefined,
};

/**
 * Whether a request with a cookie comes from a page of ours. Browsers send `Origin` with every POST and WebSocket, and
 * `Sec-Fetch-Site` with the rest; a request with neither is refused.
 */
function isOwnOrigin(headers: Headers, allowedOrigins: readonly string[]): boolean {
  const origin = headers.get('origin');
  if (origin !== null) return allowedOrigins.includes(origin);
  const site = headers.get('sec-fetch-site');
  return site === 'same-origin' || site === 'none';
}
