/** Sessions: whether a browser that signed in still is. Asked for what stays open; all that ask in one turn share a read. */
import DataLoader from 'dataloader';
import type { Clock } from '../kernel/clock.ts';
import type { Database } from '../kernel/database.ts';

export interface Sessions {
  /** False once it was signed out of, taken away or has run out. @throws when it cannot be found out */
  isOpen(sessionId: string): Promise<boolean>;
}

/** Opens the room's view of sessions. */
export function createSessions({ database, clock }: { database: Database; clock: Clock }): Sessions {
  const loader = new DataLoader<string, boolean>(
    async (ids) => {
      const found = await database.session.findMany({
        where: { id: { in: [...ids] }, expiresAt: { gt: new Date(clock.now()) } },
        select: { id: true },
      });
      const open = new Set(found.map(({ id }) => id));
      return ids.map((id) => open.has(id));
    },
    { cache: false },
  );
  return { isOpen: (sessionId) => loader.load(sessionId) };
}
