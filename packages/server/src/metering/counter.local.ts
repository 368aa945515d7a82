/**
 * Counter in this process: exact for one server.
 *
 * Each step runs to its end before the next begins, as JavaScript does, so nothing can come between a check and its
 * count. What it has no record of it takes over from the ledger, so counts go on after a restart.
 * Bound: one small record a workspace and key that was called this month; older ones are dropped as it fills.
 */
import { type Limits, windowAt, windowKinds } from '@gatekey/shared';
import type { Clock } from '../kernel/clock.ts';
import { type CountedCall, type Counter, CounterUnavailable, type SubjectCounts, type Taken } from './counter.ts';
import type { Seeds } from './seeds.ts';
import { currentCounts, takenFrom, type Used } from './taken.ts';

type Mutable<T> = { -readonly [K in keyof T]: T[K] };
interface Tally {
  at: number;
  readonly used: Mutable<Used>;
  readonly refused: Mutable<Used>;
}

/** Records from which on old ones are looked for; doubled when all are of this month. */
const firstSweepAt = 1_000;

export interface LocalCounter extends Counter {
  /** How many records it holds. */
  size(): number;
}

/** A counter on the clock of this machine. */
export function createLocalCounter({ clock, seeds }: { clock: Clock; seeds: Seeds }): LocalCounter {
  const tallies = new Map<string, Tally>();
  let sweepAt = firstSweepAt;

  const sweep = (now: number) => {
    const { startsAt } = windowAt('month', now);
    for (const [id, { at }] of tallies) if (at < startsAt) tallies.delete(id);
    sweepAt = Math.max(firstSweepAt, tallies.size * 2);
  };

  /** Takes over from the ledger what there is no record of. @throws CounterUnavailable */
  const know = async (workspaceId: string, ids: readonly string[]): Promise<void> => {
    const missing = ids.filter((id) => !tallies.has(id));
    if (missing.length === 0) return;
    const now = clock.now();
    const counts = await seeds.of(workspaceId, missing, now).catch((error: unknown) => {
      throw new CounterUnavailable('the ledger did not answer', { cause: error });
    });
    if (tallies.size >= sweepAt) sweep(now);
    for (const [id, { at, used, refused }] of counts) {
      // Another call may have been here first, and have counted since.
      if (!tallies.has(id)) tallies.set(id, { at, used: { ...used }, refused: { ...refused } });
    }
  };

  /** The tally of a subject, with the windows that are over set to zero. */
  const tallyOf = (id: string, now: number): Tally => {
    const tally = tallies.get(id);
    if (tally === undefined) throw new Error('a subject was counted that is not known');
    const minute = windowAt('minute', now).startsAt;
    // A clock that steps back opens no window again: what was counted stays counted.
    if (tally.at < minute) {
      for (const kind of windowKinds) {
        if (tally.at < windowAt(kind, now).startsAt) tally.used[kind] = tally.refused[kind] = 0;
      }
      tally.at = minute;
    }
    return tally;
  };

  const decide = (call: CountedCall, counts: boolean): Taken => {
    const now = clock.now();
    const workspace = tallyOf(call.workspaceId, now);
    const key = tallyOf(call.keyId, now);
    const admitted = hasRoom(workspace.used, call.planLimits) && hasRoom(key.used, call.keyLimits);
    if (counts) {
      add(admitted ? workspace.used : workspace.refused);
      add(admitted ? key.used : key.refused);
    }
    return takenFrom(call, now, admitted, workspace.used, key.used);
  };

  const countsOf = (id: string, now: number): SubjectCounts => currentCounts(tallies.get(id), now);

  const settled = async (call: CountedCall, counts: boolean): Promise<Taken> => {
    if (!tallies.has(call.workspaceId) || !tallies.has(call.keyId)) {
      await know(call.workspaceId, [call.workspaceId, call.keyId]);
    }
    return decide(call, counts);
  };

  return {
    take: (call) => settled(call, true),
    peek: (call) => settled(call, false),
    refuse(workspaceId, keyId) {
      know(workspaceId, [workspaceId, keyId]).then(
        () => {
          const now = clock.now();
          add(tallyOf(workspaceId, now).refused);
          add(tallyOf(keyId, now).refused);
        },
        // Lost from the refused count, never from the used one.
        () => {},
      );
    },
    async read(workspaceId, keyIds) {
      await know(workspaceId, [workspaceId, ...keyIds]);
      const at = clock.now();
      const keys = new Map(keyIds.map((keyId) => [keyId, countsOf(keyId, at)]));
      return { at, workspace: countsOf(workspaceId, at), keys };
    },
    size: () => tallies.size,
    async close() {},
  };
}

function hasRoom(used: Used, limits: Limits): boolean {
  return windowKinds.every((kind) => {
    const quota = limits[kind];
    return quota === null || used[kind] < quota;
  });
}

function add(counts: Mutable<Used>): void {
  counts.minute += 1;
  counts.day += 1;
  counts.month += 1;
}
