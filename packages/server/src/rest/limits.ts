/** The live limit table of a key. */
import { policyName } from '@gatekey/shared';
import type { Taken } from '../metering/counter.ts';

/** Every limit that holds for the key: the plan's, then its own. Times in ISO 8601. */
export function limitsAnswer({ states }: Taken) {
  return {
    data: states.map((state) => ({
      policy: policyName(state),
      window: state.window,
      limit: state.quota,
      used: state.used,
      remaining: state.remaining,
      resets_at: new Date(state.resetsAt).toISOString(),
    })),
    next_cursor: null,
  };
}
