/** Usage tick: what a watcher of a meter is sent. Pure. */
import type { Limits } from '@gatekey/shared';
import type { UsageCounts } from '../metering/counter.ts';
import { type Usage, usageOf } from '../metering/usage.ts';

/** The limits of a workspace and of all its keys, deleted ones left out. */
export interface WorkspaceLimits {
  readonly plan: Limits;
  readonly keys: ReadonlyMap<string, Limits>;
}

export interface UsageTick {
  /** Grows from tick to tick of a workspace. Starts at the counter's epoch ms, so that it grows over a reconnect too. */
  readonly seq: number;
  /** The counter's time of the read, epoch ms. */
  readonly at: number;
  /** Whether calls on all servers are in it; not while the store that they share is away. */
  readonly isComplete: boolean;
  /** The workspace's meters, against its plan. */
  readonly usage: Usage;
  /** Meters of keys, against their own limits: all in the first tick, then those that changed. */
  readonly keys: ReadonlyMap<string, Usage>;
}

/** Counts as a tick without its place in a watcher's sequence. Keys that are gone meanwhile are left out. */
export function tickOf(counts: UsageCounts, limits: WorkspaceLimits): Omit<UsageTick, 'seq'> {
  const keys = new Map<string, Usage>();
  for (const [keyId, keyCounts] of counts.keys) {
    const keyLimits = limits.keys.get(keyId);
    if (keyLimits !== undefined) keys.set(keyId, usageOf(keyCounts, keyLimits));
  }
  return { at: counts.at, isComplete: counts.isApart !== true, usage: usageOf(counts.workspace, limits.plan), keys };
}

/** A tick with one key in it, or none where that key did not change. */
export function ofKey(tick: UsageTick, keyId: string): UsageTick {
  const own = tick.keys.get(keyId);
  return { ...tick, keys: new Map(own === undefined ? [] : [[keyId, own]]) };
}

/** The tick that stands for an unread one and a newer one together. */
export function mergeTicks(unread: UsageTick | undefined, newer: UsageTick): UsageTick {
  if (unread === undefined) return newer;
  return { ...newer, keys: new Map([...unread.keys, ...newer.keys]) };
}
