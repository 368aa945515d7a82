/**
 * Expiry alerts: a key ends in 14, 7 or 1 days, or has ended.
 *
 * Told once for each expiry: a key that is extended is told of again. A key that was made with fewer days than that is
 * not told of them, and of several that are due at once only the nearest is told.
 */
import type { Outbox } from '../events/outbox.ts';
import type { Clock } from '../kernel/clock.ts';
import { bySystem } from './tell.ts';

const dayMs = 86_400_000;
/** Told so long after, at most: what ended while nothing ran for longer is old news. */
const lookBackMs = 7 * dayMs;
const atATime = 100;
/** Longer than any alert could be told again. */
const keptMs = 100 * dayMs;

interface Found {
  readonly keyId: string;
  readonly workspaceId: string;
  readonly expiresAt: Date;
  readonly days: number;
}

/** Looks for keys that end, and tells. */
export function createExpiryAlerts({ outbox, clock }: { readonly outbox: Outbox; readonly clock: Clock }) {
  const tellEnding = (now: Date) =>
    outbox.commit(async (tx, append) => {
      const found = await tx.$queryRaw<Found[]>`
        with told as (
          insert into alert (subject_id, type, at, created_at)
          select k.id, 'key.expiring:' || d.days, k.expires_at, ${now}
          from api_key k cross join lateral (
            select days from (values (1), (7), (14)) as v (days)
            where k.expires_at <= ${now}::timestamptz + days * interval '24 hours' order by days limit 1
          ) d
          where k.expires_at > ${now} and k.revoked_at is null and k.deleted_at is null
            and k.created_at < k.expires_at - d.days * interval '24 hours'
            and not exists (select 1 from alert a
              where a.subject_id = k.id and a.type = 'key.expiring:' || d.days and a.at = k.expires_at)
          order by k.id limit ${atATime}
          on conflict do nothing returning subject_id, type, at
        )
        select k.id as "keyId", k.workspace_id as "workspaceId", told.at as "expiresAt",
          split_part(told.type, ':', 2)::int as days
        from told join api_key k on k.id = told.subject_id`;
      for (const { keyId, workspaceId, expiresAt, days } of found) {
        await append({ event: { type: 'key.expiring', workspaceId, keyId }, by: bySystem, after: { expiresAt, days } });
      }
      return found.length;
    });

  const tellEnded = (now: Date) =>
    outbox.commit(async (tx, append) => {
      const since = new Date(now.getTime() - lookBackMs);
      const found = await tx.$queryRaw<Omit<Found, 'days'>[]>`
        with told as (
          insert into alert (subject_id, type, at, created_at)
          select k.id, 'key.expired', k.expires_at, ${now} from api_key k
          where k.expires_at <= ${now} and k.expires_at > ${since} and k.revoked_at is null and k.deleted_at is null
            and not exists (select 1 from alert a
              where a.subject_id = k.id and a.type = 'key.expired' and a.at = k.expires_at)
          order by k.id limit ${atATime}
          on conflict do nothing returning subject_id, at
        )
        select k.id as "keyId", k.workspace_id as "workspaceId", told.at as "expiresAt"
        from told join api_key k on k.id = told.subject_id`;
      for (const { keyId, workspaceId, expiresAt } of found) {
        await append({ event: { type: 'key.expired', workspaceId, keyId }, by: bySystem, after: { expiresAt } });
      }
      return found.length;
    });

  return {
    /** Tells all there is to tell. @throws when the database cannot be had */
    async look(): Promise<void> {
      const now = new Date(clock.now());
      while ((await tellEnding(now)) === atATime);
      while ((await tellEnded(now)) === atATime);
      const before = new Date(now.getTime() - keptMs);
      await outbox.commit((tx) => tx.alert.deleteMany({ where: { createdAt: { lt: before } } }));
    },
  };
}
