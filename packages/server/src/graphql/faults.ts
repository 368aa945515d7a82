/** Faults: what goes wrong by our own doing. The log is told what happened, the caller by which id the log knows it. */
import { type ExecutionResult, GraphQLError } from 'graphql';
import { handleStreamOrSingleExecutionResult, maskError, type Plugin } from 'graphql-yoga';
import type { Log } from '../kernel/log.ts';

interface Named {
  readonly requestId: string;
}
interface Done {
  readonly args: { readonly contextValue: Named };
  readonly result: ExecutionResult;
  readonly setResult: (result: ExecutionResult) => void;
}

/** Masks all errors of a result that are not made for the caller. */
export function faultsTold(log: Log): Plugin<Named> {
  const told = (error: GraphQLError, requestId: string): GraphQLError => {
    const masked = maskError(error, 'Unexpected error.', false);
    if (masked === error || !(masked instanceof GraphQLError)) return error;
    log.error({ from: 'graphql', requestId, err: error.originalError ?? error }, 'an operation failed');
    masked.extensions.requestId = requestId;
    return masked;
  };
  const mask = ({ args, result, setResult }: Done) => {
    const { errors } = result;
    if (errors === undefined) return;
    setResult({ ...result, errors: errors.map((error) => told(error, args.contextValue.requestId)) });
  };
  return {
    onExecute: () => ({ onExecuteDone: (payload) => handleStreamOrSingleExecutionResult(payload, mask) }),
    onSubscribe: () => ({ onSubscribeResult: (payload) => handleStreamOrSingleExecutionResult(payload, mask) }),
  };
}
