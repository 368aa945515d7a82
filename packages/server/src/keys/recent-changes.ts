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

/** How far it looks back. An entry carries the time at which its transaction began, and those end within 7 s. */
const lookBackSeconds = 12;
/** How long ago the call before may have begun, ms, so that no entry falls between. */
const longestGapMs = 4_000;
/** Entries in one answer. */
const most = 5_000;

const Rows = z.array(
  z.object({
    id: z.string(),
    type: z.string(),
    workspace_id: z.string().nullable(),
    key_id: z.string().nullable(),
    plan_id: z.string().nullable(),
  }),
);

/** Reads the log from now on. */
export function createRecentChanges({ pool }: { pool: Pool }): RecentChanges {
  let given: ReadonlySet<string> = new Set();
  let lastAt = performance.now();
  return {
    async next() {
      const startedAt = performance.now();
      const rows = Rows.parse(
        await queryRows(
          pool,
          sql`
            select id, type, workspace_id, key_id, plan_id from event
            where recorded_at > now() - make_interval(secs => ${lookBackSeconds})
              and (key_id is not null or workspace_id is not null or plan_id is not null)
              and type <> all (${reportTypes})
            limit ${most + 1}`,
        ),
      );
      const isWhole = startedAt - lastAt <= longestGapMs && rows.length <= most;
      const fresh = rows.filter(({ id }) => !given.has(id));
      given = new Set(rows.map(({ id }) => id));
      lastAt = startedAt;
      if (!isWhole) return undefined;
      return fresh.map((row) => ({
        type: row.type,
        workspaceId: row.workspace_id,
        keyId: row.key_id,
        planId: row.plan_id,
      }));
    },
  };
}
