/**
 * Sessions: who a browser that signed in is now, and what they may do.
 *
 * Read anew at every question, so that a session, membership or role that was taken away holds no longer; all that ask
 * in one turn share a read.
 */
import DataLoader from 'dataloader';
import type { Clock } from '../kernel/clock.ts';
import type { Database } from '../kernel/database.ts';
import type { Person } from './actor.ts';
import { type Role, roleFrom } from './role.ts';

export interface Sessions {
  /**
   * The person of a session, with their roles as they are now.
   *
   * @returns undefined once it was signed out of, taken away or has run out
   * @throws when it cannot be found out
   */
  personOf(sessionId: string): Promise<Person | undefined>;
}

/** Opens the room's view of sessions. */
export function createSessions({ database, clock }: { database: Database; clock: Clock }): Sessions {
  const read = (ids: readonly string[]) =>
    database.session.findMany({
      where: { id: { in: [...ids] }, expiresAt: { gt: new Date(clock.now()) } },
      select: {
        id: true,
        activeWorkspaceId: true,
        user: { select: { id: true, isOperator: true, members: { select: { workspaceId: true, role: true } } } },
      },
    });
  const loader = new DataLoader<string, Person | undefined>(
    async (ids) => {
      const found = new Map((await read(ids)).map((row) => [row.id, personFrom(row)]));
      return ids.map((id) => found.get(id));
    },
    { cache: false },
  );
  return { personOf: (sessionId) => loader.load(sessionId) };
}

interface SessionRow {
  readonly id: string;
  readonly activeWorkspaceId: string | null;
  readonly user: {
    readonly id: string;
    readonly isOperator: boolean;
    readonly members: readonly { readonly workspaceId: string; readonly role: string }[];
  };
}

function personFrom({ id, activeWorkspaceId, user }: SessionRow): Person {
  const roles = new Map<string, Role>();
  for (const member of user.members) {
    const role = roleFrom(member.role);
    if (role !== undefined) roles.set(member.workspaceId, role);
  }
  const isCurrent = activeWorkspaceId !== null && roles.has(activeWorkspaceId);
  return {
    kind: 'user',
    userId: user.id,
    sessionId: id,
    isOperator: user.isOperator,
    roles,
    currentWorkspaceId: isCurrent ? activeWorkspaceId : roles.keys().next().value,
  };
}
