/** Explanation: what happened to a request, why, and the mend, in plain words. Pure. */
import { policyName, problems } from '@gatekey/shared';
import { clientLeft, type LoggedRequest, type RefusalFacts } from './entry.ts';

export interface Explanation {
  readonly what: string;
  readonly why: string;
  /** null where there is nothing to mend. */
  readonly mend: string | null;
}

/** Explains a request by what was true when it ended. */
export function explain(request: LoggedRequest): Explanation {
  const { method, path, status, code, refusal, durationMs } = request;
  const call = `${method} ${path}`;
  if (refusal !== null && code !== null) {
    const counted = 'It counted against no limit.';
    return { what: `${call} was refused with ${status} ${code}. ${counted}`, ...reasonOf(request, refusal) };
  }
  if (status === clientLeft) {
    const what = `${call} was let in, and its client left after ${durationMs} ms. ${costOf(request)}`;
    return { what, why: 'The client closed the connection before there was an answer.', mend: null };
  }
  const what = `${call} was let in and answered with ${status} after ${durationMs} ms. ${costOf(request)}`;
  if (code !== null) return { what, why: `${problems[code].title}.`, mend: problems[code].help };
  if (status < 400) return { what, why: 'The key was valid, and every limit had room.', mend: null };
  return {
    what,
    why: `The guard let it in; the API behind answered ${status} itself.`,
    mend: 'Look at the API behind: its answer was passed on as it was.',
  };
}

function costOf({ cost }: LoggedRequest): string {
  if (cost === 0) return 'It cost nothing.';
  return cost === 1 ? 'It counted as one call.' : `It counted as ${cost} calls.`;
}

function reasonOf(
  { address, code }: LoggedRequest,
  { scope, limit, list, since }: RefusalFacts,
): Omit<Explanation, 'what'> {
  if (limit !== undefined) {
    const whose = limit.subject === 'key' ? 'the key' : 'the plan';
    const more = limit.subject === 'key' ? 'raise the limit of the key' : 'move to a larger plan';
    return {
      why: `All ${limit.quota} calls a ${limit.window} of ${whose} (\`${policyName(limit)}\`) were used up.`,
      mend: `Calls pass again from ${timeOf(limit.resetsAt)} on. To have more, ${more}.`,
    };
  }
  if (list !== undefined) {
    const whose = list === 'key' ? 'the key' : 'the workspace';
    return {
      why: `It came from ${address}, which the allowlist of ${whose} does not have.`,
      mend: `Add ${address} to the allowlist of ${whose}, or call from an address that is on it.`,
    };
  }
  if (scope !== undefined) {
    return {
      why: `It needs the scope ${scope}, which the key lacked.`,
      mend: `Add ${scope} to the scopes of the key.`,
    };
  }
  const { title, help } = problems[code ?? 'internal_error'];
  return { why: since === undefined ? `${title}.` : `${title}, since ${timeOf(since)}.`, mend: help };
}

function timeOf(at: number): string {
  return new Date(at).toISOString();
}
