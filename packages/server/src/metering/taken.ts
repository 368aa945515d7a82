/** Taken: a decision of a counter, from the counts it saw. Pure; the same for every counter. */
import {
  type LimitState,
  type Limits,
  type RefusalCode,
  type WindowKind,
  windowAt,
  windowKinds,
} from '@gatekey/shared';
import type { CountedCall, SubjectCounts, Taken, WindowCounts } from './counter.ts';

/** Calls admitted in the current windows of one subject. */
export type Used = Readonly<Record<WindowKind, number>>;

/**
 * @param at        the counter's own time, epoch ms
 * @param admitted  what it decided
 * @param workspace calls of the workspace after the decision
 * @param key       calls of the key after the decision
 */
export function takenFrom(call: CountedCall, at: number, admitted: boolean, workspace: Used, key: Used): Taken {
  const states: LimitState[] = [];
  addStates(states, 'workspace', call.planLimits, workspace, at);
  addStates(states, 'key', call.keyLimits, key, at);
  return { admitted, at, states, exhausted: admitted ? undefined : lastToReset(states) };
}

function addStates(states: LimitState[], subject: LimitState['subject'], limits: Limits, used: Used, at: number): void {
  for (const window of windowKinds) {
    const quota = limits[window];
    if (quota === null) continue;
    const { startsAt, resetsAt } = windowAt(window, at);
    const count = used[window];
    states.push({ subject, window, quota, startsAt, resetsAt, used: count, remaining: Math.max(0, quota - count) });
  }
}

function lastToReset(states: readonly LimitState[]): LimitState | undefined {
  let last: LimitState | undefined;
  for (const state of states) {
    if (state.remaining === 0 && (last === undefined || state.resetsAt > last.resetsAt)) last = state;
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

/** The counts of a subject's current windows. @param at  the counter's own time, epoch ms */
export function currentCounts(stored: StoredCounts | undefined, at: number): SubjectCounts {
  return {
    minute: windowCounts('minute', stored, at),
    day: windowCounts('day', stored, at),
    month: windowCounts('month', stored, at),
  };
}

function windowCounts(kind: WindowKind, stored: StoredCounts | undefined, at: number): WindowCounts {
  const window = windowAt(kind, at);
  if (stored === undefined || stored.at < window.startsAt) return { ...window, used: 0, refused: 0 };
  return { ...window, used: stored.used[kind], refused: stored.refused[kind] };
}
