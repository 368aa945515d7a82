/** While allowed: a stream of one workspace goes on as long as whoever opened it may do there what it needs. */
import type { Ability } from '../accounts/actor.ts';
import { type Context, signedIn } from './context.ts';

/**
 * The same stream; that of a person ends when they lose the ability in the workspace. With a session that is over, and
 * with the right of a key, all it carries ends, as each protocol says it.
 */
export function whileAllowed<T>(
  context: Context,
  within: { readonly ability: Ability; readonly workspaceId: string },
  source: AsyncIterableIterator<T>,
): AsyncIterableIterator<T> {
  const actor = signedIn(context);
  if (actor.kind === 'key') return source;
  const { sessionId } = actor;
  const release = context.streams.ofSession({ sessionId, within }, (why) => {
    if (why === 'forbidden') void source.return?.();
  });
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
