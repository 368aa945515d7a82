/**
 * Headers: limits as the `RateLimit` fields that a client reads.
 *
 * @see draft-ietf-httpapi-ratelimit-headers (RateLimit, RateLimit-Policy), RFC 9651 structured fields
 */
import {
  type LimitState,
  type LimitSubject,
  policyName,
  retryAfterSeconds,
  tightest,
  type WindowKind,
} from './limits.ts';

/**
 * Tells the rate limit headers of an admitted or limited answer, one after another, named in lower case; none where
 * nothing is limited.
 *
 * @param states  every limit that applied to the call, as the counter saw it
 * @param now     epoch ms, on the counter's clock
 */
export function tellRateLimit(
  states: readonly LimitState[],
  now: number,
  tell: (name: string, value: string) => void,
): void {
  const first = tightest(states);
  if (first === undefined) return;
  let limit = '';
  for (const { subject, window, remaining, resetsAt } of states) {
    if (limit !== '') limit += ', ';
    limit += `${quoted[subject][window]};r=${remaining};t=${retryAfterSeconds(resetsAt, now)}`;
  }
  tell('ratelimit-policy', policyOf(states));
  tell('ratelimit', limit);
  tell('x-ratelimit-limit', String(first.quota));
  tell('x-ratelimit-remaining', String(first.remaining));
  tell('x-ratelimit-reset', String(Math.ceil(first.resetsAt / 1000)));
}

/** Names of limits as structured fields have them, made once. */
const quoted: Readonly<Record<LimitSubject, Readonly<Record<WindowKind, string>>>> = {
  workspace: quotedNames('workspace'),
  key: quotedNames('key'),
};

function quotedNames(subject: LimitSubject) {
  const name = (window: WindowKind) => `"${policyName({ subject, window })}"`;
  return { minute: name('minute'), day: name('day'), month: name('month') };
}

let latest: { readonly states: readonly LimitState[]; readonly policy: string } = { states: [], policy: '' };

/** Most calls are of the plan that the one before was of, and its text is the same for a month. */
function policyOf(states: readonly LimitState[]): string {
  if (!isSamePolicy(states, latest.states)) {
    const items = states.map(
      (state) => `${quoted[state.subject][state.window]};q=${state.quota};w=${secondsOf(state)}`,
    );
    latest = { states, policy: items.join(', ') };
  }
  return latest.policy;
}

function isSamePolicy(states: readonly LimitState[], others: readonly LimitState[]): boolean {
  if (states.length !== others.length) return false;
  for (let i = 0; i < states.length; i++) {
    const state = states[i];
    const other = others[i];
    if (state?.quota !== other?.quota || state?.window !== other?.window || state?.subject !== other?.subject)
      return false;
    // A month is as long as it is.
    if (state?.startsAt !== other?.startsAt && state?.window === 'month') return false;
  }
  return true;
}

function secondsOf({ startsAt, resetsAt }: LimitState): number {
  return (resetsAt - startsAt) / 1000;
}
