/**
 * Ticks: the last truth about usage, folded from the server's messages.
 *
 * A tick that is not newer than the last one is dropped (`seq` grows, across reconnects too). The first tick of a
 * connection is a full snapshot and replaces everything, so that a key deleted meanwhile does not linger.
 */
import type { Usage, UsageTick } from './live.documents.ts';

export interface UsageView {
  /** `seq` of the newest tick; -1 before the first. */
  readonly seq: number;
  /** The server's time of these numbers, epoch ms. */
  readonly at: number;
  /** False while servers cannot share their counts. */
  readonly isComplete: boolean;
  readonly usage: Usage;
  /** Usage by key id. */
  readonly keys: ReadonlyMap<string, Usage>;
  /** When a key was last seen to move, epoch ms by the server's clock; only keys that did so while we watched. */
  readonly movedAt: ReadonlyMap<string, number>;
}

/** What is known before the first tick. */
export function firstView(usage: Usage, at: number): UsageView {
  return { seq: -1, at, isComplete: true, usage, keys: new Map(), movedAt: new Map() };
}

/**
 * The view after a tick; the same object when the tick is old.
 *
 * @param isSnapshot  the first tick of a connection, which names every key
 */
export function foldTick(view: UsageView, tick: UsageTick, isSnapshot: boolean): UsageView {
  if (tick.seq <= view.seq) return view;
  const at = Date.parse(tick.at);
  const keys = new Map(isSnapshot ? [] : view.keys);
  const movedAt = new Map(view.movedAt);
  for (const { keyId, usage } of tick.keys) {
    const before = view.keys.get(keyId);
    if (before !== undefined && hasAdmitted(before, usage)) movedAt.set(keyId, at);
    keys.set(keyId, usage);
  }
  return { seq: tick.seq, at, isComplete: tick.isComplete, usage: tick.usage, keys, movedAt };
}

/** The month is the longest window: if it grew, a request passed. At the turn of a month the minute tells. */
function hasAdmitted(before: Usage, after: Usage): boolean {
  if (after.month.startsAt === before.month.startsAt) return after.month.used > before.month.used;
  return after.minute.used > 0;
}
