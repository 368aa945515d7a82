/** Engine: Yoga over our schema, closed where its defaults are open. */
import { PothosValidationError } from '@pothos/core';
import { GraphQLError } from 'graphql';
import { createYoga, maskError, type Plugin } from 'graphql-yoga';
import type { Log } from '../kernel/log.ts';
import { tooLarge } from './answer-size.ts';
import { type Caller, type Context, createContext, type Rooms } from './context.ts';
import { faultsTold } from './faults.ts';
import { boundedTime } from './operation-time.ts';
import { asksForSchema, tooComplex } from './query-limits.ts';
import { schema } from './schema.ts';
import { sharedExecution } from './shared-execution.ts';

const mostTokens = 2_000;

const boundedParse: Plugin = {
  onParse({ parseFn, setParseFn }) {
    setParseFn((source, options) => parseFn(source, { ...options, maxTokens: mostTokens }));
    return ({ result, replaceParseResult }) => {
      if (result === null) return;
      const refusal = result instanceof Error ? tooLong(result) : tooComplex(result);
      if (refusal !== undefined) replaceParseResult(refusal);
    };
  },
};

/** graphql-js tells a text that is too long from one that is wrong in words alone. */
function tooLong({ message }: Error): GraphQLError | undefined {
  if (!message.includes(`more than ${mostTokens} tokens`)) return undefined;
  return new GraphQLError(`A document has at most ${mostTokens} tokens.`, {
    extensions: { code: 'QUERY_TOO_COMPLEX' },
  });
}

const boundedAnswer: Plugin = {
  onExecute({ args, setResultAndStopExecution }) {
    const refusal = tooLarge(args);
    if (refusal !== undefined) setResultAndStopExecution({ errors: [refusal] });
  },
  onSubscribe({ args, setResultAndStopExecution }) {
    const refusal = tooLarge(args);
    if (refusal !== undefined) setResultAndStopExecution({ errors: [refusal] });
  },
};

/** The schema is for whoever may ask it something. Not a rule of validation, whose outcome is kept for all. */
const schemaForViewers: Plugin<Opening> = {
  onExecute({ args, setResultAndStopExecution }) {
    if (args.contextValue.caller.actor !== undefined || !asksForSchema(args.document)) return;
    const extensions = { code: 'UNAUTHENTICATED' };
    setResultAndStopExecution({ errors: [new GraphQLError('Sign in, or send an API key.', { extensions })] });
  },
};

/** What an operation is run with. */
interface Opening {
  readonly caller: Caller;
  /** Told with faults of ours, and written to the log with them. */
  readonly requestId: string;
  /** Is told of a stream, and how to end it; what it returns is called when the stream has ended. */
  readonly onStream?: (end: () => void) => () => void;
}

const endableStreams: Plugin<Opening> = {
  onSubscribe: () => ({
    onSubscribeResult({ result, args }) {
      const { onStream } = args.contextValue;
      if (onStream === undefined || !(Symbol.asyncIterator in result)) return undefined;
      const stream = result[Symbol.asyncIterator]();
      // Ended or unable to end: there is nothing more to do about it.
      return { onEnd: onStream(() => void stream.return?.().catch(() => {})) };
    },
  }),
};

export type Engine = ReturnType<typeof createEngine>;

/**
 * Makes the engine.
 *
 * Errors that are not made for the caller are logged and leave as `INTERNAL_SERVER_ERROR` without their text, with the id
 * of the request by which the log tells of them.
 */
export function createEngine(rooms: Rooms, log: Log) {
  return createYoga<Opening, Context>({
    schema,
    context: ({ caller }) => createContext(rooms, caller),
    graphqlEndpoint: '/graphql',
    graphiql: false,
    landingPage: false,
    cors: false,
    multipart: false,
    batching: false,
    plugins: [
      boundedParse,
      schemaForViewers,
      boundedAnswer,
      boundedTime,
      sharedExecution,
      endableStreams,
      faultsTold(log),
    ],
    maskedErrors: { maskError: (error, message) => named(maskError(error, message, false)) },
    logging: {
      debug: () => {},
      info: () => {},
      warn: (...args) => log.warn({ from: 'graphql', err: args[0] }, 'graphql warned'),
      error: (...args) => log.error({ from: 'graphql', err: args[0] }, 'an operation failed'),
    },
    // The standard's own classes, which Fastify can send.
    fetchAPI: { fetch, Request, Response, Headers, ReadableStream, TextEncoder, TextDecoder, URL, URLSearchParams },
  });
}

/** Gives the caller's own mistakes, which the libraries leave nameless, their code. */
function named(error: Error): Error {
  if (!(error instanceof GraphQLError) || error.extensions.code !== undefined) return error;
  const { path, originalError } = error;
  // Variables and operations are read before there is a path.
  const isCallers = path === undefined || originalError === undefined || originalError instanceof PothosValidationError;
  error.extensions.code = isCallers ? 'BAD_USER_INPUT' : 'INTERNAL_SERVER_ERROR';
  return error;
}
