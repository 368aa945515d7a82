/** Webhooks: what endpoints can be told. Types are public API: add freely, never rename. */

/** What an endpoint can ask for. */
export const webhookEventTypes = [
  'key.created',
  'key.updated',
  'key.enabled',
  'key.disabled',
  'key.revoked',
  'key.deleted',
  'key.rotated',
  'key.expiring',
  'key.expired',
  'usage.threshold',
  'usage.exceeded',
  'ip.refused',
] as const;
export type WebhookEventType = (typeof webhookEventTypes)[number];

/** Sent when somebody asks for it, to any endpoint, whatever that asks for. */
export const webhookTestType = 'webhook.test';

/** Whether endpoints can ask for an event of this type. */
export function isWebhookEventType(type: string): type is WebhookEventType {
  return webhookEventTypes.some((one) => one === type);
}
