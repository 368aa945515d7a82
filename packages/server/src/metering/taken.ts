/** Taken: a decision of a counter, from the counts it saw. Pure; the same for every counter. */
import {
  type LimitState,
  type Limits,
  type RefusalCode,
  type WindowKind,
  type Windows,
  windowKinds,
  windowsAt,
} from '@gatekey/shared';
import type { CountedCall, SubjectCounts, Taken, WindowCounts } from './counter.ts';

/** Calls admitted, or refused, in the current windows of one subject. */
export type Used = Readonly<Record<WindowKind, number>>;

/**
 * @param at        the counter's own time, epoch ms
 * @param admitted  what it decided
 * @param workspace calls of the workspace after the decision
 * @param key       calls of the key after the decision
 * @param cost      as how many calls it counts
 */
export function takenFrom(
  call: CountedCall,
  at: number,
  admitted: boolean,
  workspace: Used,
  key: Used,
  cost: number,
): Taken {
  const states: LimitState[] = [];
  const windows = windowsAt(at);
  addStates(states, 'workspace', call.planLimits, workspace, windows);
  addStates(states, 'key', call.keyLimits, key, windows);
  return { admitted, at, states, exhausted: admitted ? undefined : lastToReset(states, cost) };
}

function addStates(
  states: LimitState[],
  subject: LimitState['subject'],
  limits: Limits,
  used: Used,
  windows: Windows,
): void {
  for (const window of windowKinds) {
    const quota = limits[window];
    if (quota === null) continue;
    const { startsAt, resetsAt } = windows[window];
    const count = used[window];
    states.push({ subject, window, quota, startsAt, resetsAt, used: count, remaining: Math.max(0, quota - count) });
  }
}

/** Of those without room for a call, the last. */
function lastToReset(states: readonly LimitState[], cost: number): LimitState | undefined {
  let last: LimitState | undefined;
  for (const state of states) {
    if (state.remaining < cost && (last === undefined || state.resetsAt > last.resetsAt)) last = state;
  }
  return last;
}

/** The code with which a spent limit refuses. */
export function limitCode({
  window,
}: Pick<LimitState, 'window'>): Extract<RefusalCode, 'rate_limited' | 'quota_exceeded'> {
  return window === 'minute' ? 'rate_limited' : 'quota_exceeded';
}

/** Raw counts of one subject, as every store keeps them: those of a window that is over count as zero. */
export interface StoredCounts {
  /** Start of the minute of the last change, epoch ms; it tells which windows the counts belong to. */
  readonly at: number;
  readonly used: Used;
  readonly refused: Used;
}

const none: Used = { minute: 0, day: 0, month: 0 };
export const noCounts: StoredCounts = { at: 0, used: none, refused: none };

/** Whether a call of a cost is within the limits. */
export function hasRoom(used: Used, { minute, day, month }: Limits, cost: number): boolean {
  return (
    (minute === null || used.minute + cost <= minute) &&
    (day === null || used.day + cost <= day) &&
    (month === null || used.month + cost <= month)
  );
}

/** How many of one kind still stand. @param at  the counter's own time, epoch ms */
export function currentUsed({ at: changedAt, used }: StoredCounts, at: number): Used {
  const windows = windowsAt(at);
  if (changedAt >= windows.minute.startsAt) return used;
  return {
    minute: 0,
    day: changedAt < windows.day.startsAt ? 0 : used.day,
    month: changedAt < windows.month.startsAt ? 0 : used.month,
  };
}

/** The counts of a subject's current windows. @param at  the counter's own time, epoch ms */
export function currentCounts(stored: StoredCounts | undefined, at: number): SubjectCounts {
  const windows = windowsAt(at);
  return {
    minute: windowCounts('minute', stored, windows),
    day: windowCounts('day', stored, windows),
    month: windowCounts('month', stored, windows),
  };
}

function windowCounts(kind: WindowKind, stored: StoredCounts | undefined, windows: Windows): WindowCounts {
  const { startsAt, resetsAt } = windows[kind];
  if (stored === undefined || stored.at < startsAt) return { startsAt, resetsAt, used: 0, refused: 0 };
  return { startsAt, resetsAt, used: stored.used[kind], refused: stored.refused[kind] };
}
