/** While allowed: a stream of one workspace goes on as long as whoever opened it may do there what it needs. */
import type { Ability } from '../accounts/actor.ts';
import { type Context, signedIn } from './context.ts';

/**
 * The same stream; that of a person ends when they lose the ability in the workspace, or the session is over. That of a
 * key ends with its right anyway, as every protocol sees to it.
 */
export function whileAllowed<T>(
  context: Context,
  within: { readonly ability: Ability; readonly workspaceId: string },
  source: AsyncIterableIterator<T>,
): AsyncIterableIterator<T> {
  const actor = signedIn(context);
  if (actor.kind === 'key') return source;
  const { sessionId } = actor;
  const release = context.streams.ofSession({ sessionId, within }, () => void source.return?.());
  // Not a generator: its `return` would wait for the next value before it ends.
  const stream: AsyncIterableIterator<T> = {
    async next() {
      const result = await source.next();
      if (result.done) release();
      return result;
    },
    async return() {
      release();
      await source.return?.();
      return { done: true, value: undefined };
    },
    [Symbol.asyncIterator]: () => stream,
  };
  return stream;
}
