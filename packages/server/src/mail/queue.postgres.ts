/**
 * Queue in PostgreSQL: which server sends which mail.
 *
 *   due -> claimed for a lease -> sent, and emptied | put off
 *                   \-> the lease runs out: due again, for any server
 */
import type { Clock } from '../kernel/clock.ts';
import type { Database } from '../kernel/database.ts';
import type { ClaimedMail, MailQueue } from './queue.ts';

const keptMs = 86_400_000;

interface Needs {
  readonly database: Database;
  readonly clock: Clock;
  /** Longer than any attempt takes, ms; after it the mail of a server that died is taken over. */
  readonly leaseMs: number;
}

/** Opens the queue. */
export function createPostgresMailQueue({ database, clock, leaseMs }: Needs): MailQueue {
  return {
    claim(most) {
      const [now, leaseEnd] = [new Date(clock.now()), new Date(clock.now() + leaseMs)];
      return database.$queryRaw<ClaimedMail[]>`
        update mail m set due_at = ${leaseEnd}, attempts = attempts + 1
        where id = any (array(
          select id from mail where due_at <= ${now} order by due_at, id limit ${most} for update skip locked))
        returning id, sealed, created_at as "createdAt", attempts,
          invitation_id is not null and not exists (
            select 1 from invitation i where i.id = m.invitation_id and i.status = 'pending' and i.expires_at > ${now}
          ) as "isMoot"`;
    },
    async end({ id }) {
      await database.mail.updateMany({ where: { id }, data: { dueAt: null, sealed: new Uint8Array() } });
    },
    async putOff({ id, attempts }, dueAt) {
      await database.mail.updateMany({ where: { id, attempts, dueAt: { not: null } }, data: { dueAt } });
    },
    async forget() {
      const before = new Date(clock.now() - keptMs);
      await database.mail.deleteMany({ where: { dueAt: null, createdAt: { lt: before } } });
    },
  };
}
