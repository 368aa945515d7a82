/**
 * Schedule: what follows from an attempt. Pure.
 *
 *   2xx delivered | 410 failed, and the endpoint is disabled | all else again, 9 times in some 3 days, then failed
 *
 * An endpoint of which no attempt has succeeded for 5 days is disabled as well.
 */
import type { DisabledReason } from './endpoint.ts';
import type { Posted } from './sender.ts';

/** After each failed attempt the next one, s. */
const retrySeconds = [5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400] as const;
/** Retries come up to so much later than that, so that what failed together does not come back together. */
const jitter = 0.1;
/** The longest that a receiver may ask us to wait, ms. */
const longestWaitMs = 86_400_000;
const failingMs = 5 * 86_400_000;

/** What is known when an attempt is over. */
export interface Tried {
  readonly posted: Posted;
  /** How many attempts of the schedule failed before. */
  readonly failures: number;
  /** Nobody waits for a test that arrives days later: it is tried once, and says nothing about the endpoint. */
  readonly isTest: boolean;
  /** Since when every attempt to the endpoint has failed, epoch ms; null when the last one did not. */
  readonly failingSince: number | null;
  /** Epoch ms. */
  readonly now: number;
  /** 0 to 1. */
  readonly random: number;
}

export type Verdict =
  | { readonly state: 'delivered' }
  /** @param dueAt  epoch ms */
  | { readonly state: 'pending'; readonly dueAt: number }
  | { readonly state: 'failed'; readonly disable?: Exclude<DisabledReason, 'asked'> };

export function verdictOf({ posted, failures, isTest, failingSince, now, random }: Tried): Verdict {
  if ('status' in posted) {
    if (posted.status >= 200 && posted.status < 300) return { state: 'delivered' };
    if (posted.status === 410) return { state: 'failed', disable: 'gone' };
  }
  if (isTest) return { state: 'failed' };
  if (failingSince !== null && now - failingSince >= failingMs) return { state: 'failed', disable: 'failing' };
  const delayMs = retryDelayMs(failures, random);
  if (delayMs === undefined) return { state: 'failed' };
  const asked = 'status' in posted ? askedWaitMs(posted.retryAfter, now) : 0;
  const waitMs = Math.max(delayMs, Math.min(asked, longestWaitMs));
  return { state: 'pending', dueAt: Math.round(now + waitMs) };
}

/**
 * After how long what failed is tried again, ms; undefined when that was the last time.
 *
 * @param failures  how many times it failed before
 * @param random    0 to 1
 */
export function retryDelayMs(failures: number, random: number): number | undefined {
  const seconds = retrySeconds[failures];
  return seconds === undefined ? undefined : seconds * 1_000 * (1 + jitter * random);
}

/** How long a `Retry-After` asks to wait, ms; 0 for none, and for what is not one. @see RFC 9110, 10.2.3 */
function askedWaitMs(field: string | undefined, now: number): number {
  if (field === undefined) return 0;
  if (/^\d{1,10}$/.test(field)) return Number(field) * 1_000;
  const at = Date.parse(field);
  return Number.isNaN(at) ? 0 : Math.max(0, at - now);
}
