/**
 * Headers: limits as the `RateLimit` fields that a client reads.
 *
 * @see draft-ietf-httpapi-ratelimit-headers (RateLimit, RateLimit-Policy), RFC 9651 structured fields
 */
import { type LimitState, policyName, retryAfterSeconds, tightest } from './limits.ts';

export type HeaderPairs = ReadonlyArray<readonly [name: string, value: string]>;

/**
 * The rate limit headers of an admitted or limited answer, named in lower case; none where nothing is limited.
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
    const { quota, startsAt, resetsAt, remaining } = state;
    const name = policyName(state);
    if (policy !== '') {
      policy += ', ';
      limit += ', ';
    }
    policy += `"${name}";q=${quota};w=${(resetsAt - startsAt) / 1000}`;
    limit += `"${name}";r=${remaining};t=${retryAfterSeconds(resetsAt, now)}`;
  }
  return [
    ['ratelimit-policy', policy],
    ['ratelimit', limit],
    ['x-ratelimit-limit', String(first.quota)],
    ['x-ratelimit-remaining', String(first.remaining)],
    ['x-ratelimit-reset', String(Math.ceil(first.resetsAt / 1000))],
  ];
}
