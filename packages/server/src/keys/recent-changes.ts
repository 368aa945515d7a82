/**
 * Recent changes: what was committed lately, from the log of changes, for who remembers keys and may have missed a message.
 *
 *   next -> entries of the last seconds that were not given yet
 *
 * Promises: a change is given to the first call that begins after it was committed, whichever server made it and whether
 * or not it could tell of it. The clock is the database's own.
 */
import { z } from 'zod';
import { reportTypes } from '../events/domain-event.ts';
import { type Pool, queryRows, sql } from '../kernel/database.ts';

/** Whose change: of a key, of a whole workspace and its people, or of a plan, which any number may be held to. */
export interface RecentChange {
  readonly type: string;
  readonly workspaceId: string | null;
  readonly keyId: string | null;
  readonly planId: string | null;
}

export interface RecentChanges {
  /**
   * @returns undefined where it cannot be told any more: the call before is too long ago, or it is too much
   * @throws when the database does not answer
   */
  next(): Promise<readonly RecentChange[] | undefined>;
}

/**
 * How far it looks back, s. An entry carries the time at which its transaction began; those end within 7 s, but for a
 * commit that hangs.
 */
const lookBackSeconds = 60;
/** How long ago the call before may have been, ms by the database's clock, so that no entry falls between. */
const usualGapMs = 20_000;
/** Entries in one answer. */
const most = 20_000;

const Row = z.object({
  asked_at: z.date(),
  id: z.string().nullable(),
  type: z.string().nullable(),
  workspace_id: z.string().nullable(),
  key_id: z.string().nullable(),
  plan_id: z.string().nullable(),
});
// The time is there also where nothing was changed.
const Rows = z.tuple([Row], Row);

interface Needs {
  readonly pool: Pool;
  /** 20 s unless told. */
  readonly longestGapMs?: number;
}

/** Reads the log from now on; the first call cannot tell. */
export function createRecentChanges({ pool, longestGapMs = usualGapMs }: Needs): RecentChanges {
  let given: ReadonlySet<string> = new Set();
  let lastAt = Number.NEGATIVE_INFINITY;
  return {
    async next() {
      const rows = Rows.parse(
        await queryRows(
          pool,
          sql`
            select clock_timestamp() as asked_at, entry.* from (values (1)) as one left join (
              select id, type, workspace_id, key_id, plan_id from event
              where recorded_at > now() - make_interval(secs => ${lookBackSeconds})
                and (key_id is not null or workspace_id is not null or plan_id is not null)
                and type <> all (${reportTypes})
              limit ${most + 1}
            ) as entry on true`,
        ),
      );
      const changes = rows.flatMap(({ id, type, workspace_id: workspaceId, key_id: keyId, plan_id: planId }) =>
        id === null || type === null ? [] : [{ id, type, workspaceId, keyId, planId }],
      );
      const askedAt = rows[0].asked_at.getTime();
      const gapMs = askedAt - lastAt;
      const isWhole = gapMs >= 0 && gapMs <= longestGapMs && changes.length <= most;
      const fresh = changes.filter(({ id }) => !given.has(id));
      given = new Set(changes.map(({ id }) => id));
      lastAt = askedAt;
      return isWhole ? fresh.map(({ id: _id, ...change }) => change) : undefined;
    },
  };
}
