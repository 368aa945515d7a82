/**
 * Counter in this process: exact for one server, gone with it.
 *
 * Each step runs to its end before the next begins, as JavaScript does, so nothing can come between a check and its
 * count. Bound: one small record a workspace and key that was called this month; older ones are dropped as it fills.
 */
import { type Limits, windowAt, windowKinds } from '@gatekey/shared';
import type { Clock } from '../kernel/clock.ts';
import type { CountedCall, Counter, SubjectCounts, Taken } from './counter.ts';
import { currentCounts, takenFrom, type Used } from './taken.ts';

type Mutable<T> = { -readonly [K in keyof T]: T[K] };
interface Tally {
  at: number;
  readonly used: Mutable<Used>;
  readonly refused: Mutable<Used>;
}

/** Records from which on old ones are looked for; doubled when all are of this month. */
const firstSweepAt = 10_000;

export interface LocalCounter extends Counter {
  /** How many records it holds. */
  size(): number;
}

/** A counter on the clock of this machine. */
export function createLocalCounter({ clock }: { clock: Clock }): LocalCounter {
  const tallies = new Map<string, Tally>();
  let sweepAt = firstSweepAt;

  const sweep = (now: number) => {
    const { startsAt } = windowAt('month', now);
    for (const [id, { at }] of tallies) if (at < startsAt) tallies.delete(id);
    sweepAt = Math.max(firstSweepAt, tallies.size * 2);
  };

  /** The tally of a subject, with the windows that are over set to zero. */
  const tallyOf = (id: string, now: number): Tally => {
    let tally = tallies.get(id);
    if (tally === undefined) {
      if (tallies.size >= sweepAt) sweep(now);
      tally = { at: 0, used: { minute: 0, day: 0, month: 0 }, refused: { minute: 0, day: 0, month: 0 } };
      tallies.set(id, tally);
    }
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

  return {
    take: async (call) => decide(call, true),
    peek: async (call) => decide(call, false),
    refuse(workspaceId, keyId) {
      const now = clock.now();
      add(tallyOf(workspaceId, now).refused);
      add(tallyOf(keyId, now).refused);
    },
    async read(workspaceId, keyIds) {
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
