/**
 * Headers: limits as the `RateLimit` fields that a client reads.
 *
 * @see draft-ietf-httpapi-ratelimit-headers (RateLimit, RateLimit-Policy), RFC 9651 structured fields
 */
import { type LimitState, policyName, retryAfterSeconds, tightest } from './limits.ts';

export type HeaderPairs = ReadonlyArray<readonly [name: string, value: string]>;

/**
 * The rate limit headers of an admitted or limited answer; none where nothing is limited.
 *
 * @param states  every limit that applied to the call, as the counter saw it
 * @param now     epoch ms, on the counter's clock
 */
export function rateLimitHeaders(states: readonly LimitState[], now: number): HeaderPairs {
  const first = tightest(states);
  if (first === undefined) return [];
  let policy = '';
  let limit = '';
  for (const state of states) {
    const name = policyName(state);
    const separator = policy === '' ? '' : ', ';
    policy += `${separator}"${name}";q=${state.quota};w=${(state.resetsAt - state.startsAt) / 1000}`;
    limit += `${separator}"${name}";r=${state.remaining};t=${retryAfterSeconds(state.resetsAt, now)}`;
  }
  return [
    ['RateLimit-Policy', policy],
    ['RateLimit', limit],
    ['X-RateLimit-Limit', String(first.quota)],
    ['X-RateLimit-Remaining', String(first.remaining)],
    ['X-RateLimit-Reset', String(Math.ceil(first.resetsAt / 1000))],
  ];
}
