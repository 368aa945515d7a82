/**
 * Fan-out: an entry of the log becomes a delivery to each endpoint that asks for its type.
 *
 * In the transaction of the change, so that there is no moment at which one is there without the other.
 */
import { isWebhookEventType } from '@gatekey/shared';
import type { Follow } from '../events/outbox.ts';
import type { NewId } from '../kernel/id.ts';
import { messageOf } from './message.ts';

/** What the outbox does with each entry. @returns the hints that deliveries are due */
export function createFanOut({ newId }: { readonly newId: NewId }): Follow {
  return async (tx, entry) => {
    const { event, id: eventId, at } = entry;
    const { type } = event;
    if (!isWebhookEventType(type) || !('workspaceId' in event)) return [];
    const { workspaceId } = event;
    // Held until the commit: an endpoint that is deleted meanwhile would fail the change.
    const endpoints = await tx.$queryRaw<{ id: string }[]>`
      select id from webhook_endpoint
      where workspace_id = ${workspaceId} and disabled_at is null and (events = '{}' or ${type} = any (events))
      for key share`;
    if (endpoints.length === 0) return [];
    const keyId = 'keyId' in event ? event.keyId : null;
    const select = { id: true, name: true, hint: true };
    const key = keyId === null ? null : await tx.apiKey.findUnique({ where: { id: keyId }, select });
    const payload = messageOf(entry, key);
    const deliveries = endpoints.map(({ id: endpointId }) => ({ id: newId('message'), workspaceId, endpointId }));
    const more = { eventId, type, payload, createdAt: at, dueAt: at };
    await tx.webhookDelivery.createMany({ data: deliveries.map((delivery) => ({ ...delivery, ...more })) });
    return deliveries.map(({ id: deliveryId, endpointId }) => ({
      type: 'delivery.changed',
      workspaceId,
      endpointId,
      deliveryId,
      isDue: true,
    }));
  };
}
