/**
 * Sessions: who a browser that signed in is now, and what they may do; and how one's sessions end.
 *
 * Read anew at every question, so that a session, membership or role that was taken away holds no longer; all that ask
 * in one turn share a read. A session that was ended is told of on every server, so that its streams end at once.
 */
import DataLoader from 'dataloader';
import type { Prisma } from '../../gen/prisma/client.ts';
import type { Events } from '../events/domain-event.ts';
import type { Clock } from '../kernel/clock.ts';
import type { Database } from '../kernel/database.ts';
import type { Log } from '../kernel/log.ts';
import { done, type Outcome, refuse } from '../kernel/problem.ts';
import type { Actor, Person } from './actor.ts';
import { type Role, roleFrom } from './role.ts';

export interface Sessions {
  /**
   * The person of a session, with their roles as they are now.
   *
   * @returns undefined once it was signed out of, taken away or has run out
   * @throws when it cannot be found out
   */
  personOf(sessionId: string): Promise<Person | undefined>;
  /** Notes that a session is used, once a minute or where it comes from another address. Never throws. */
  seen(sessionId: string, address: string): Promise<void>;
  /** Ends one of a person's sessions; the one that asks, too. Those of others are not found. */
  end(actor: Actor, sessionId: string): Promise<Outcome<EndedSessions>>;
  /** Ends all of a person's sessions but the one that asks. */
  endOthers(actor: Actor): Promise<Outcome<EndedSessions>>;
}

export interface EndedSessions {
  readonly sessionIds: readonly string[];
}

interface Needs {
  readonly database: Database;
  readonly events: Pick<Events, 'announce'>;
  readonly clock: Clock;
  readonly log: Log;
}

const peopleOnly = refuse('forbidden', 'A key has no sessions.');
const noSuchSession = refuse('not_found', 'No such session.');
const seenEveryMs = 60_000;
/** What is remembered of who was seen; a session that is forgotten is written once more. */
const mostRemembered = 10_000;

/** Opens the room's view of sessions. */
export function createSessions({ database, events, clock, log }: Needs): Sessions {
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
  const noted = new Map<string, { readonly at: number; readonly address: string }>();

  const end = async (where: Prisma.SessionWhereInput): Promise<EndedSessions> => {
    const found = await database.session.findMany({ where, select: { id: true } });
    const sessionIds = found.map(({ id }) => id);
    await database.session.deleteMany({ where: { id: { in: sessionIds } } });
    for (const sessionId of sessionIds) events.announce({ type: 'session.ended', sessionId });
    return { sessionIds };
  };

  return {
    personOf: (sessionId) => loader.load(sessionId),
    async seen(sessionId, address) {
      const at = clock.now();
      const last = noted.get(sessionId);
      if (last !== undefined && last.address === address && at - last.at < seenEveryMs) return;
      // Set again it is the youngest: the first of the map are those that were not seen for longest.
      noted.delete(sessionId);
      noted.set(sessionId, { at, address });
      for (const id of noted.keys()) {
        if (noted.size <= mostRemembered) break;
        noted.delete(id);
      }
      const data = { updatedAt: new Date(at), ipAddress: address };
      await database.session
        .updateMany({ where: { id: sessionId }, data })
        .catch((error: unknown) => log.debug({ err: error }, 'that a session is used could not be noted'));
    },
    async end(actor, id) {
      if (actor.kind === 'key') return peopleOnly;
      const ended = await end({ id, userId: actor.userId });
      return ended.sessionIds.length === 0 ? noSuchSession : done(ended);
    },
    async endOthers(actor) {
      if (actor.kind === 'key') return peopleOnly;
      return done(await end({ userId: actor.userId, id: { not: actor.sessionId } }));
    },
  };
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
