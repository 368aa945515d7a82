/** Refusal: the guard's no, with all that a door needs to say it in its protocol. */
import { type LimitState, type RefusalCode, retryAfterSeconds } from '@gatekey/shared';
import type { Problem } from '../kernel/problem.ts';
import { limitCode } from '../metering/taken.ts';

export interface Refusal extends Problem {
  readonly code: RefusalCode;
  /** The scope that is missing; with `scope_missing`. */
  readonly scope?: string | undefined;
  /** The spent limit that resets last, and how long to wait for it; with `rate_limited` and `quota_exceeded`. */
  readonly spent?: { readonly limit: LimitState; readonly retryAfterSeconds: number } | undefined;
}

/**
 * The refusal of a spent limit.
 *
 * @param exhausted  the spent limit that resets last
 * @param at         the counter's own time, epoch ms
 */
export function limitsRefusal(exhausted: LimitState, at: number): Refusal {
  const wait = retryAfterSeconds(exhausted.resetsAt, at);
  const whose = exhausted.subject === 'key' ? 'this key' : 'the plan';
  return {
    code: limitCode(exhausted),
    detail: `The ${exhausted.quota} calls a ${exhausted.window} of ${whose} are used up. Try again in ${wait} s.`,
    spent: { limit: exhausted, retryAfterSeconds: wait },
  };
}
