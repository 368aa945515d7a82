/**
 * Key changes: a watcher is told which keys changed, and how.
 *
 * Unread changes of one kind to one key are one change, so a stalled reader holds at most a few entries a key.
 */
import type { Events, KeyEvent } from '../events/domain-event.ts';
import { createSlot } from './slot.ts';

/** Watches the keys of a workspace; from when the promise settles no change is missed. */
export async function watchKeyChanges(events: Events, workspaceId: string): Promise<AsyncIterableIterator<KeyEvent>> {
  let end = () => {};
  const slot = createSlot<Map<string, KeyEvent>>(() => end());
  end = await events.listen(workspaceId, (event) => {
    if (!('keyId' in event)) return;
    slot.put((unread = new Map()) => unread.set(`${event.keyId} ${event.type}`, event));
  });

  let batch = new Map<string, KeyEvent>().values();
  // Not a generator: its `return` would wait for the next change before it ends.
  const changes: AsyncIterableIterator<KeyEvent> = {
    async next() {
      for (;;) {
        const { done, value } = batch.next();
        if (!done) return { done: false, value };
        const more = await slot.next();
        if (more.done) return more;
        batch = more.value.values();
      }
    },
    return: () => slot.return(),
    [Symbol.asyncIterator]: () => changes,
  };
  return changes;
}
