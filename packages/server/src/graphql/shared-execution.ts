/**
 * Shared execution: what all subscribers of one operation are sent is computed once.
 *
 * A subscription field that says `isSameForAll` gives one event object to everybody who watches the same thing. Of such
 * an event each operation (document, name, variables) is executed once, without a context: so nothing in the result can
 * depend on who asks, and a resolver that tries fails. Who may subscribe is decided before, for each by itself.
 */
import {
  createSourceEventStream,
  type DocumentNode,
  type ExecutionArgs,
  type ExecutionResult,
  executeSubscriptionEvent,
  Kind,
  type ValidatedSubscriptionArgs,
  validateSubscriptionArgs,
} from 'graphql';
import type { Plugin } from 'graphql-yoga';

type Result = ReturnType<typeof executeSubscriptionEvent>;

/** Runs shared fields so, and leaves all others alone. */
export const sharedExecution: Plugin = {
  onSubscribe({ setSubscribeFn, subscribeFn }) {
    setSubscribeFn((args: ExecutionArgs) => {
      const validated = validateSubscriptionArgs(args);
      // What is wrong with it, the engine says in its own words.
      return 'schema' in validated && isSameForAll(validated) ? subscribeShared(validated) : subscribeFn(args);
    });
  },
};

function isSameForAll({ schema, operation }: ValidatedSubscriptionArgs): boolean {
  const [selection, ...others] = operation.selectionSet.selections;
  if (selection?.kind !== Kind.FIELD || others.length > 0) return false;
  return schema.getSubscriptionType()?.getFields()[selection.name.value]?.extensions.isSameForAll === true;
}

async function subscribeShared(
  args: ValidatedSubscriptionArgs,
): Promise<AsyncIterableIterator<ExecutionResult> | ExecutionResult> {
  const source = await createSourceEventStream(args);
  if (!(Symbol.asyncIterator in source)) return source;
  const events = source[Symbol.asyncIterator]();
  const name = nameOf(args);
  const results: AsyncIterableIterator<ExecutionResult> = {
    async next() {
      const { done, value } = await events.next();
      return done ? { done, value: undefined } : { done: false, value: await resultOf(args, name, value) };
    },
    async return() {
      await events.return?.();
      return { done: true, value: undefined };
    },
    [Symbol.asyncIterator]: () => results,
  };
  return results;
}

/** Results of an event by operation; they go with the event. */
const resultsOf = new WeakMap<object, Map<string, Result>>();

function resultOf(args: ValidatedSubscriptionArgs, name: string, event: unknown): Result {
  const execute = () => executeSubscriptionEvent({ ...args, rootValue: event, contextValue: undefined });
  if (typeof event !== 'object' || event === null) return execute();
  let results = resultsOf.get(event);
  if (results === undefined) {
    results = new Map();
    resultsOf.set(event, results);
  }
  let result = results.get(name);
  if (result === undefined) {
    result = execute();
    results.set(name, result);
  }
  return result;
}

const documentNumbers = new WeakMap<DocumentNode, number>();
let documents = 0;

/** Names an operation among those of this process: the engine parses one text once. */
function nameOf({ document, operation, variableValues }: ValidatedSubscriptionArgs): string {
  let number = documentNumbers.get(document);
  if (number === undefined) {
    documents += 1;
    number = documents;
    documentNumbers.set(document, number);
  }
  return `${number} ${operation.name?.value ?? ''} ${JSON.stringify(variableValues.coerced)}`;
}
