/**
 * Endpoint address: what the page of an endpoint shows, as its address says it: which deliveries, which one of them in full,
 * which dialog. So a view can be shared, gone back to, and is there again after a reload. Nothing secret is ever in it.
 */
import { webhookEventTypes, webhookTestType } from '@gatekey/shared';
import type { Delivery } from './webhooks.documents.ts';

export const deliveryStates: readonly Delivery['state'][] = ['DELIVERED', 'PENDING', 'FAILED'];
export const deliveryTypes = [...webhookEventTypes, webhookTestType] as const;
export type DeliveryType = (typeof deliveryTypes)[number];
const dialogs = ['edit', 'rotate', 'recover', 'delete'] as const;

/** Which deliveries; null = any. */
export interface DeliveryFilter {
  readonly state: Delivery['state'] | null;
  readonly type: DeliveryType | null;
}

export interface EndpointPlace extends DeliveryFilter {
  /** The delivery that is shown in full. */
  readonly deliveryId: string | null;
  readonly dialog: (typeof dialogs)[number] | null;
}

/** What an address asks for; what it gets wrong is nothing. */
export function placeFrom(params: Pick<URLSearchParams, 'get'>): EndpointPlace {
  const state = params.get('status')?.toUpperCase();
  return {
    state: deliveryStates.find((one) => one === state) ?? null,
    type: deliveryTypes.find((one) => one === params.get('type')) ?? null,
    deliveryId: params.get('delivery'),
    dialog: dialogs.find((one) => one === params.get('do')) ?? null,
  };
}

/** The address of an endpoint's page. */
export function endpointPath(id: string, { state, type, deliveryId, dialog }: Partial<EndpointPlace> = {}): string {
  const params = new URLSearchParams();
  if (state) params.set('status', state.toLowerCase());
  if (type) params.set('type', type);
  if (deliveryId) params.set('delivery', deliveryId);
  if (dialog) params.set('do', dialog);
  return `/security/webhooks/${id}${params.size === 0 ? '' : `?${params}`}`;
}
