/**
 * Accounts: people, their sessions and their workspaces. better-auth keeps passwords and sessions; its organisations
 * are the workspaces.
 *
 *   sign-up | sign-in -> session -> home workspace
 *
 * Promises: whoever has a session has a workspace; the first account is the operator, also when two sign up at once.
 * Does not promise anything of e-mail addresses: they are not verified.
 */

import { betterAuth } from 'better-auth';
import { prismaAdapter } from 'better-auth/adapters/prisma';
import { organization } from 'better-auth/plugins';
import type { Events } from '../events/domain-event.ts';
import type { Clock } from '../kernel/clock.ts';
import type { Database } from '../kernel/database.ts';
import type { NewId } from '../kernel/id.ts';
import type { Log } from '../kernel/log.ts';
import { type Problem, refuse } from '../kernel/problem.ts';
import type { Actor } from './actor.ts';
import { attempt } from './attempts.ts';
import { homeWorkspace } from './home-workspace.ts';
import type { Sessions } from './sessions.ts';
import { closedAfterFirst, signUpState } from './signup.ts';
import { createThrottle } from './throttle.ts';

export interface Accounts {
  /**
   * Answers `/api/auth/*`. A no of ours is a problem, one of better-auth an answer in its own shape.
   *
   * @param address  canonical text of the client's address
   */
  handle(request: Request, address: string): Promise<Response | AuthRefusal>;
  /** Who is signed in with these headers; undefined when nobody is. */
  actorOf(headers: Headers, address: string): Promise<Actor | undefined>;
}

/** Why `/api/auth/*` does not answer. */
export interface AuthRefusal {
  readonly problem: Problem;
  /** How long to wait; with `too_many_attempts`. */
  readonly retryAfterSeconds?: number;
}

interface Needs {
  readonly database: Database;
  readonly sessions: Sessions;
  readonly events: Pick<Events, 'announce'>;
  readonly clock: Clock;
  readonly newId: NewId;
  readonly log: Log;
  readonly secret: string;
  readonly publicUrl: string;
  readonly allowedOrigins: readonly string[];
  readonly signup: 'open' | 'closed';
}

const cookiePrefix = 'gatekey';
/** Stands in the `Cookie` field of whoever has a session, with or without `__Secure-` before it. */
export const sessionCookie = `${cookiePrefix}.session_token=`;

/** Whether a cookie of this name, or a whole `name=value`, is one of ours. */
export function isOwnCookie(cookie: string): boolean {
  return cookie.replace(/^__(Secure|Host)-/, '').startsWith(`${cookiePrefix}.`);
}

/** Where the client's address is written for better-auth, which believes any header that it is told to read. */
const addressHeader = 'x-gatekey-client-address';

/**
 * The endpoints of better-auth that answer: accounts and sessions. All others do not exist, whatever a version or a
 * plugin of it adds: they know neither plans nor our roles.
 */
const endpoints: Readonly<Record<string, 'GET' | 'POST'>> = {
  '/sign-up/email': 'POST',
  '/sign-in/email': 'POST',
  '/sign-out': 'POST',
  '/get-session': 'GET',
  '/list-sessions': 'GET',
  '/revoke-session': 'POST',
  '/revoke-sessions': 'POST',
  '/revoke-other-sessions': 'POST',
};
/** Ours: `{"state":"first"|"open"|"closed"}`, whether new people may come, and whether one would be the first. */
const signUpPath = '/sign-up';
const attempts: readonly string[] = ['/sign-up/email', '/sign-in/email'];
const basePath = '/api/auth';

function createAuth({ database, events, newId, log, secret, publicUrl, allowedOrigins, signup }: Needs) {
  return betterAuth({
    appName: 'Gatekey',
    secret,
    baseURL: publicUrl,
    basePath,
    trustedOrigins: [...allowedOrigins],
    database: prismaAdapter(signup === 'closed' ? closedAfterFirst(database) : database, { provider: 'postgresql' }),
    emailAndPassword: { enabled: true, minPasswordLength: 8, maxPasswordLength: 128 },
    telemetry: { enabled: false },
    logger: { log: (level, message) => log[level === 'error' ? 'warn' : 'debug']({ from: 'better-auth' }, message) },
    // Ours is in `attempts.ts`: this one counts by address alone, so that one user's mistakes keep out another.
    rateLimit: { enabled: false },
    plugins: [
      organization({
        allowUserToCreateOrganization: false,
        schema: {
          organization: { modelName: 'workspace' },
          member: { fields: { organizationId: 'workspaceId' } },
          invitation: { fields: { organizationId: 'workspaceId' } },
          session: { fields: { activeOrganizationId: 'activeWorkspaceId' } },
        },
      }),
    ],
    advanced: {
      cookiePrefix,
      // Said outright, for under test the library would leave these checks out.
      disableOriginCheck: false,
      disableCSRFCheck: false,
      useSecureCookies: publicUrl.startsWith('https:'),
      ipAddress: { ipAddressHeaders: [addressHeader] },
      database: {
        generateId: ({ model }) => {
          if (model === 'user') return newId('user');
          return model === 'session' ? newId('session') : crypto.randomUUID();
        },
      },
    },
    databaseHooks: {
      session: {
        create: {
          before: async (session) => {
            const activeOrganizationId = await homeWorkspace({ database, newId }, session.userId);
            return { data: { ...session, activeOrganizationId } };
          },
        },
        // Who signs out ends their streams with it.
        delete: { after: async ({ id: sessionId }) => events.announce({ type: 'session.ended', sessionId }) },
      },
    },
  });
}

/** Opens the room. */
export function createAccounts(needs: Needs): Accounts {
  const auth = createAuth(needs);
  const { sessions, clock } = needs;
  const throttle = createThrottle({ clock });

  return {
    async handle(request, address) {
      const path = new URL(request.url).pathname.slice(basePath.length);
      if (path === signUpPath && request.method === 'GET') {
        return Response.json(
          { state: await signUpState(needs.database, needs.signup) },
          { headers: { 'cache-control': 'no-store' } },
        );
      }
      if (endpoints[path] !== request.method) return { problem: noSuchPath.problem };
      request.headers.set(addressHeader, address);
      if (!attempts.includes(path)) return auth.handler(request);
      const answer = await attempt(throttle, { path, request, address }, auth.handler);
      return typeof answer === 'number' ? tooMany(answer) : answer;
    },

    async actorOf(headers, address) {
      const found = await auth.api.getSession({ headers });
      const person = found === null ? undefined : await sessions.personOf(found.session.id);
      if (person === undefined) return undefined;
      await sessions.seen(person.sessionId, address);
      return { ...person, address };
    },
  };
}

const noSuchPath = refuse('not_found', 'There is no such path or method.');

function tooMany(retryAfterSeconds: number): AuthRefusal {
  const { problem } = refuse('too_many_attempts', `Too many attempts. Try again in ${retryAfterSeconds} s.`);
  return { problem, retryAfterSeconds };
}
