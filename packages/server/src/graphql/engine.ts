/** Engine: Yoga over our schema, closed where its defaults are open. */
import { GraphQLError } from 'graphql';
import { createYoga, type Plugin, useExecutionCancellation } from 'graphql-yoga';
import type { Log } from '../kernel/log.ts';
import { type Caller, type Context, createContext, type Rooms } from './context.ts';
import { asksForSchema, tooComplex } from './query-limits.ts';
import { schema } from './schema.ts';
import { sharedExecution } from './shared-execution.ts';

const mostTokens = 2_000;

const boundedParse: Plugin = {
  onParse({ parseFn, setParseFn }) {
    setParseFn((source, options) => parseFn(source, { ...options, maxTokens: mostTokens }));
    return ({ result, replaceParseResult }) => {
      if (result === null || result instanceof Error) return;
      const refusal = tooComplex(result);
      if (refusal !== undefined) replaceParseResult(refusal);
    };
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
 * Errors that are not made for the caller are logged and leave as `INTERNAL_SERVER_ERROR` without their text.
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
    plugins: [boundedParse, schemaForViewers, sharedExecution, endableStreams, useExecutionCancellation()],
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
