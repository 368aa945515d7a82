/**
 * Limits: how many calls a window lets pass, and where a window starts and ends.
 *
 * Windows are fixed UTC calendar units, so `remaining` is a promise: exactly that many more calls pass before
 * `resetsAt`. Nothing here counts; the meter does.
 */

export const windowKinds = ['minute', 'day', 'month'] as const;
export type WindowKind = (typeof windowKinds)[number];

/** Calls per window; `null` = no limit. The shape of a plan's limits and of a key's own. */
export type Limits = Readonly<Record<WindowKind, number | null>>;

export const noLimits: Limits = { minute: null, day: null, month: null };

/** The largest quota that can be set: it and its counts stay exact in a JavaScript number and a Redis integer. */
export const largestQuota = 1_000_000_000_000;

/** The most that one call may cost. */
export const mostCost = 1_000;

/** A window on the clock, epoch ms: `startsAt` is inside, `resetsAt` is the first instant after it. */
export interface Window {
  readonly startsAt: number;
  readonly resetsAt: number;
}

/**
 * Where a limit comes from. `workspace`: the plan, counted over all keys of the workspace. `key`: the key's own,
 * counted over that key.
 */
export type LimitSubject = 'workspace' | 'key';

/** One limit that applies to a call. */
export interface Limit {
  readonly subject: LimitSubject;
  readonly window: WindowKind;
  readonly quota: number;
}

/** A limit as it stands at the counter's own time; times in epoch ms. */
export interface LimitState extends Limit, Window {
  readonly used: number;
  readonly remaining: number;
}

const minuteMs = 60_000;
const dayMs = 86_400_000;

/**
 * The UTC calendar window that holds an instant.
 *
 * @param at  epoch ms
 */
export function windowAt(kind: WindowKind, at: number): Window {
  if (kind === 'month') {
    const date = new Date(at);
    const year = date.getUTCFullYear();
    const month = date.getUTCMonth();
    return { startsAt: Date.UTC(year, month, 1), resetsAt: Date.UTC(year, month + 1, 1) };
  }
  const length = kind === 'minute' ? minuteMs : dayMs;
  const startsAt = Math.floor(at / length) * length;
  return { startsAt, resetsAt: startsAt + length };
}

export type Windows = Readonly<Record<WindowKind, Window>>;

let latest = windowsOf(0);

/**
 * The three windows that hold an instant. Every call asks for them, so those of the latest minute are remembered.
 *
 * @param at  epoch ms
 */
export function windowsAt(at: number): Windows {
  if (at < latest.minute.startsAt || at >= latest.minute.resetsAt) latest = windowsOf(at);
  return latest;
}

function windowsOf(at: number): Windows {
  return { minute: windowAt('minute', at), day: windowAt('day', at), month: windowAt('month', at) };
}

/** The name of a limit in `RateLimit` fields and problem bodies: `minute`, or `key-minute` for a key's own. */
export function policyName(limit: Pick<Limit, 'subject' | 'window'>): string {
  return limit.subject === 'key' ? `key-${limit.window}` : limit.window;
}

/**
 * The limit that will stop the caller first: least remaining; among equals, the one that resets last.
 *
 * @returns undefined when nothing is limited
 */
export function tightest(states: readonly LimitState[]): LimitState | undefined {
  let found: LimitState | undefined;
  for (const state of states) {
    if (
      found === undefined ||
      state.remaining < found.remaining ||
      (state.remaining === found.remaining && state.resetsAt > found.resetsAt)
    ) {
      found = state;
    }
  }
  return found;
}

/**
 * Whole seconds a refused caller should wait, for the `Retry-After` header.
 *
 * Rounds up and is never 0, so a client that obeys is not refused again by the same window.
 *
 * @param resetsAt  end of the exhausted window, epoch ms
 * @param now       epoch ms, on the clock that refused
 * @see             RFC 9110 section 10.2.3, delay-seconds
 */
export function retryAfterSeconds(resetsAt: number, now: number): number {
  return Math.max(1, Math.ceil((resetsAt - now) / 1000));
}
