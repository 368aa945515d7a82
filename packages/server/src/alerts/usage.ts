/**
 * Usage alerts: a workspace or a key has reached 80, 90 or 100 % of a limit of the day or month.
 *
 *   counted -> noted -> every 2 s: the counter's counts, the limits -> the levels reached -> told, once a window
 *
 * Promises: the level is the meters' own; each threshold is told once a window, whoever counts and whatever restarts;
 * calls pay a note in memory, never a question. Who was not told because a server died is found when one starts.
 * Does not promise: what is reached in the last seconds of a window, as nobody can act on that any more.
 */
import { type Limits, levelOf, levelThresholds, usageLevels } from '@gatekey/shared';
import type { Clock } from '../kernel/clock.ts';
import type { Database } from '../kernel/database.ts';
import type { SubjectCounts } from '../metering/counter.ts';
import type { Meter } from '../metering/meter.ts';
import { limitColumns, limitsFrom } from '../plans/limits.ts';
import type { Noted, NotedKeys } from './noted.ts';
import type { Noticed, Tell } from './tell.ts';

export interface UsageAlerts {
  /** Notes every workspace that was called this month. */
  noteAll(): Promise<void>;
  /** Looks at all that is noted, and tells. @throws when the database or the counter cannot be had; it stays noted */
  look(): Promise<void>;
}

interface Needs {
  readonly noted: Noted;
  readonly database: Database;
  readonly meter: Pick<Meter, 'read'>;
  readonly tell: Tell;
  readonly clock: Clock;
}

const windows = ['day', 'month'] as const;
const workspacesAtATime = 100;
/** What was told is remembered here, so that a spent limit does not ask the database all the time. */
const mostRemembered = 20_000;

/** Opens the watch. */
export function createUsageAlerts({ noted, database, meter, tell, clock }: Needs): UsageAlerts {
  const told = new Set<string>();

  const tellOnce = async (noticed: Noticed) => {
    const name = [noticed.event.keyId ?? noticed.event.workspaceId, noticed.detail, noticed.at.getTime()].join(' ');
    if (told.has(name)) return;
    await tell(noticed);
    if (told.size >= mostRemembered) told.clear();
    told.add(name);
  };

  const lookAt = async (some: NotedKeys) => {
    for (const { id, plan, keys } of await limited(database, some)) {
      const planLimits = limitsFrom(plan);
      if (!hasLimit(planLimits) && keys.length === 0) continue;
      const counts = await meter.read(
        id,
        keys.map((key) => key.id),
      );
      const reached = [
        ...reachedBy({ workspaceId: id, keyId: null }, counts.workspace, planLimits),
        ...keys.flatMap((key) => {
          const own = counts.keys.get(key.id);
          return own === undefined ? [] : reachedBy({ workspaceId: id, keyId: key.id }, own, limitsFrom(key));
        }),
      ];
      for (const noticed of reached) await tellOnce(noticed);
    }
  };

  return {
    async noteAll() {
      for (const id of await calledThisMonth(database, clock.now())) noted.all(id);
    },
    async look() {
      const all = [...noted.take()];
      for (let first = 0; first < all.length; first += workspacesAtATime) {
        try {
          await lookAt(new Map(all.slice(first, first + workspacesAtATime)));
        } catch (error) {
          noted.putBack(new Map(all.slice(first)));
          throw error;
        }
      }
    },
  };
}

function hasLimit(limits: Limits): boolean {
  return windows.some((window) => limits[window] !== null);
}

/** The workspaces with their limits, and those of their noted keys that have one of their own. */
function limited(database: Database, some: NotedKeys) {
  const whole = [...some].flatMap(([id, keyIds]) => (keyIds === null ? [id] : []));
  const keyIds = [...some.values()].flatMap((ids) => [...(ids ?? [])]);
  const isNoted = { OR: [{ id: { in: keyIds } }, { workspaceId: { in: whole } }] };
  const isLimited = { OR: [{ dayLimit: { not: null } }, { monthLimit: { not: null } }] };
  return database.workspace.findMany({
    where: { id: { in: [...some.keys()] } },
    select: {
      id: true,
      plan: { select: limitColumns },
      keys: { where: { deletedAt: null, AND: [isNoted, isLimited] }, select: { id: true, ...limitColumns } },
    },
  });
}

/** The thresholds that counts have reached, by the level of the meters. */
function reachedBy(
  subject: { readonly workspaceId: string; readonly keyId: string | null },
  counts: SubjectCounts,
  limits: Limits,
): Noticed[] {
  return windows.flatMap((window) => {
    const { used, startsAt, resetsAt } = counts[window];
    const limit = limits[window];
    const level = usageLevels.indexOf(levelOf(used, limit));
    return usageLevels.slice(1, level + 1).map((reached) => {
      const threshold = reached === 'OK' ? 0 : levelThresholds[reached];
      const type = reached === 'EXCEEDED' ? ('usage.exceeded' as const) : ('usage.threshold' as const);
      const times = { startsAt: new Date(startsAt), resetsAt: new Date(resetsAt) };
      return {
        event: { type, ...subject },
        detail: `${window}:${threshold}`,
        at: times.startsAt,
        facts: { window, threshold, used, limit, ...times },
      };
    });
  });
}

async function calledThisMonth(database: Database, now: number): Promise<string[]> {
  const at = new Date(now);
  const month = new Date(Date.UTC(at.getUTCFullYear(), at.getUTCMonth()));
  const rows = await database.$queryRaw<{ id: string }[]>`
    select w.id from workspace w
    where exists (select 1 from usage u where u.workspace_id = w.id and u.step = 'day' and u.at >= ${month})
       or exists (select 1 from usage u where u.workspace_id = w.id and u.is_open)`;
  return rows.map(({ id }) => id);
}
