/**
 * Key changes: a watcher is told which keys changed, and how.
 *
 * Unread changes of one kind to one key are one change, so a stalled reader holds at most a few entries a key.
 */
import { type Events, isKeyEvent, type KeyEvent } from '../events/domain-event.ts';
import { createSlot, eachOf } from './slot.ts';

/** Watches the keys of a workspace; from when the promise settles no change is missed. */
export async function watchKeyChanges(events: Events, workspaceId: string): Promise<AsyncIterableIterator<KeyEvent>> {
  let end = () => {};
  const slot = createSlot<Unread>(() => end());
  end = await events.listen(workspaceId, (event) => {
    if (!isKeyEvent(event)) return;
    slot.put(({ changes } = unreadOf(new Map())) => unreadOf(changes.set(`${event.keyId} ${event.type}`, event)));
  });
  return eachOf(slot);
}

interface Unread extends Iterable<KeyEvent> {
  readonly changes: Map<string, KeyEvent>;
}

function unreadOf(changes: Map<string, KeyEvent>): Unread {
  return { changes, [Symbol.iterator]: () => changes.values() };
}
