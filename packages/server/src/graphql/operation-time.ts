/** Operation time: no query and no command goes on for longer, whatever its parts wait for. */
import { type ExecutionArgs, GraphQLError } from 'graphql';
import type { Plugin } from 'graphql-yoga';

const mostMs = 10_000;

/**
 * Ends an operation that takes too long: its later fields are not begun. A command that was being carried out may have
 * taken effect all the same. Subscriptions are streams, which have no end of their own.
 */
export const boundedTime: Plugin = {
  onExecute({ executeFn, setExecuteFn }) {
    setExecuteFn(async (args: ExecutionArgs) => {
      const ending = new AbortController();
      const timer = setTimeout(() => ending.abort(tooSlow()), mostMs);
      try {
        // The engine's own name for it, which graphql-js calls `abortSignal`.
        const ended = { ...args, signal: ending.signal };
        return await executeFn(ended);
      } catch (error) {
        if (ending.signal.aborted) return { errors: [ending.signal.reason] };
        throw error;
      } finally {
        clearTimeout(timer);
      }
    });
  },
};

function tooSlow(): GraphQLError {
  return new GraphQLError(`An operation takes at most ${mostMs / 1_000} s.`, {
    extensions: { code: 'QUERY_TOO_COMPLEX' },
  });
}
