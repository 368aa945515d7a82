/**
 * Accounts: people, their sessions and their workspaces. better-auth keeps passwords and sessions; its organisations
 * are the workspaces.
 *
 *   sign-up | sign-in -> session -> home workspace
 *
 * Promises: whoever has a session has a workspace; the first account is the operator, also when two sign up at once.
 * Does not promise anything of e-mail addresses: they are not verified.
 */

import { APIError, betterAuth } from 'better-auth';
import { prismaAdapter } from 'better-auth/adapters/prisma';
import { organization } from 'better-auth/plugins';
import type { Database } from '../kernel/database.ts';
import type { NewId } from '../kernel/id.ts';
import type { Log } from '../kernel/log.ts';
import type { Actor } from './actor.ts';
import { homeWorkspace } from './home-workspace.ts';
import { type Role, roleFrom } from './role.ts';

export interface Accounts {
  /** Answers `/api/auth/*`. The client's address stands in the header `addressHeader`. */
  handle(request: Request): Promise<Response>;
  /** Who is signed in with these headers; undefined when nobody is. */
  actorOf(headers: Headers, address: string): Promise<Actor | undefined>;
}

interface Needs {
  readonly database: Database;
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

/** Where a door writes the client's address, for better-auth believes any header that it is told to read. */
export const addressHeader = 'x-gatekey-client-address';

/**
 * The organisation plugin's own writes: they know neither plans nor our roles, so they stay shut. Workspaces are made
 * with their account.
 */
const closedPaths = [
  'create',
  'update',
  'delete',
  'invite-member',
  'accept-invitation',
  'reject-invitation',
  'cancel-invitation',
  'remove-member',
  'update-member-role',
  'leave',
  'check-slug',
].map((path) => `/organization/${path}`);

function createAuth({ database, newId, log, secret, publicUrl, allowedOrigins, signup }: Needs) {
  return betterAuth({
    appName: 'Gatekey',
    secret,
    baseURL: publicUrl,
    basePath: '/api/auth',
    trustedOrigins: [...allowedOrigins],
    database: prismaAdapter(database, { provider: 'postgresql' }),
    emailAndPassword: { enabled: true, minPasswordLength: 8, maxPasswordLength: 128 },
    disabledPaths: closedPaths,
    telemetry: { enabled: false },
    logger: { log: (level, message) => log[level === 'error' ? 'warn' : 'debug']({ from: 'better-auth' }, message) },
    rateLimit: { enabled: true, storage: 'memory' },
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
      database: { generateId: ({ model }) => (model === 'user' ? newId('user') : crypto.randomUUID()) },
    },
    databaseHooks: {
      user: {
        create: {
          before: async () => {
            if (signup === 'closed' && (await database.user.count()) > 0) {
              throw new APIError('FORBIDDEN', {
                code: 'SIGNUP_CLOSED',
                message: 'Sign-up is closed on this instance.',
              });
            }
          },
        },
      },
      session: {
        create: {
          before: async (session) => {
            const activeOrganizationId = await homeWorkspace({ database, newId }, session.userId);
            return { data: { ...session, activeOrganizationId } };
          },
        },
      },
    },
  });
}

/** Opens the room. */
export function createAccounts(needs: Needs): Accounts {
  const auth = createAuth(needs);
  const { database } = needs;

  return {
    handle: (request) => auth.handler(request),

    async actorOf(headers, address) {
      const found = await auth.api.getSession({ headers });
      if (found === null) return undefined;
      const user = await database.user.findUnique({
        where: { id: found.user.id },
        select: { isOperator: true, members: { select: { workspaceId: true, role: true } } },
      });
      if (user === null) return undefined;
      const roles = new Map<string, Role>();
      for (const member of user.members) {
        const role = roleFrom(member.role);
        if (role !== undefined) roles.set(member.workspaceId, role);
      }
      const current = found.session.activeOrganizationId ?? undefined;
      return {
        kind: 'user',
        userId: found.user.id,
        sessionId: found.session.id,
        isOperator: user.isOperator,
        roles,
        address,
        currentWorkspaceId: current !== undefined && roles.has(current) ? current : roles.keys().next().value,
      };
    },
  };
}
