/**
 * Watch: whoever looks at deliveries is told which of them changed, as it happens.
 *
 * Unread changes of one delivery are one, so a reader that stalls holds an id for each; what is true is read from the
 * database when it is shown.
 */
import type { Events } from '../events/domain-event.ts';
import { createSlot, eachOf } from '../live/slot.ts';

/** Beyond so many unread ones the oldest are let go: who is that far behind looks at the list. */
const mostUnread = 1_000;

/** The ids of deliveries of a workspace, or of one endpoint, that change; from when the promise settles no change is missed. */
export async function watchDeliveries(
  events: Events,
  { workspaceId, endpointId }: { readonly workspaceId: string; readonly endpointId?: string | undefined },
): Promise<AsyncIterableIterator<string>> {
  let end = () => {};
  const slot = createSlot<Set<string>>(() => end());
  end = await events.listen(workspaceId, (event) => {
    if (event.type !== 'delivery.changed' || event.deliveryId === null) return;
    const { deliveryId } = event;
    if (endpointId !== undefined && event.endpointId !== endpointId) return;
    slot.put((unread = new Set()) => {
      for (const id of unread) {
        if (unread.size < mostUnread) break;
        unread.delete(id);
      }
      return unread.add(deliveryId);
    });
  });

  return eachOf(slot);
}
