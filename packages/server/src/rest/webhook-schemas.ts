/** Webhook schemas: the queries, bodies and answers of REST that are about webhooks. */
import { type IdKind, kindOfId, webhookEventTypes } from '@gatekey/shared';
import { z } from 'zod';
import { disabledReasons } from '../webhooks/endpoint.ts';
import { endpointFields } from '../webhooks/endpoint-input.ts';
import { deliveryStates } from '../webhooks/list.ts';
import { faults } from '../webhooks/sender.ts';
import { At, about, Instant, nextCursor, notOfThisList, PageSize } from './schemas.ts';

const cursorOf = (kind: IdKind) =>
  z
    .string()
    .refine((text) => kindOfId(text) === kind, notOfThisList)
    .optional()
    .meta(about('Where to go on: `next_cursor` of the page before.'));
const limit = PageSize.default(20).meta(about('How many at most.'));

// Queries

export const ListEndpoints = z.strictObject({ limit, cursor: cursorOf('webhookEndpoint') });
export const ListDeliveries = z.strictObject({
  limit,
  cursor: cursorOf('message'),
  state: z.enum(deliveryStates).optional().meta(about('Only those that stand so.')),
});

// Bodies

const Url = endpointFields.url.meta(about('http or https, at a public address, without a user in it.'));
const Events = endpointFields.events.nullish().meta({
  description: 'The types it asks for; all when empty, null or left out.',
  items: { type: 'string', enum: webhookEventTypes },
});
const Description = endpointFields.description.nullish().meta(about('At most 200 characters.'));

export const CreateWebhookEndpoint = z.strictObject({ url: Url, events: Events, description: Description });
export const UpdateWebhookEndpoint = z.strictObject({
  url: Url.optional(),
  events: Events,
  description: Description,
  enabled: endpointFields.enabled
    .optional()
    .meta(about('Whether it is told. Disabling ends what was still to be sent.')),
});
export const RecoverWebhooks = z.strictObject({ since: Instant.meta(about('Of events since then.')) });

// Answers

export const WebhookEndpoint = z.object({
  id: z.string().meta(about('`whe_…`.')),
  url: z.string().meta(about('Where messages go.')),
  description: z.string().meta(about('What people have written about it.')),
  events: z.array(z.string()).meta(about('The types it asks for; of an empty list, all.')),
  created_at: At.meta(about('When it was made.')),
  disabled_at: At.nullable().meta(about('Since when it is told nothing; null = it is told.')),
  disabled_reason: z
    .enum(disabledReasons)
    .nullable()
    .meta(about('Why: somebody asked for it, it answered 410, or nothing good for 5 days.')),
  failing_since: At.nullable().meta(about('Since when every attempt has failed; after 5 days it is disabled.')),
  previous_secret_ends_at: At.nullable().meta(about('Until when the old secret signs beside the new one.')),
});
export const IssuedWebhookEndpoint = WebhookEndpoint.extend({
  secret: z.string().meta(about('What messages are signed with, `whsec_…`. Nobody can read it again.')),
});
export const WebhookEndpointPage = z.object({ data: z.array(WebhookEndpoint), next_cursor: nextCursor });

const Attempt = z.object({
  id: z.string().meta(about('`att_…`.')),
  url: z.string().meta(about('Where it was sent: the endpoint may have another URL by now.')),
  started_at: At.meta(about('When it began; its `webhook-timestamp`.')),
  finished_at: At.nullable().meta(about('Null while it is made.')),
  status: z.int().nullable().meta(about('Of the answer; null where there is none.')),
  duration_ms: z.int().nullable().meta(about('How long it took.')),
  fault: z.enum(faults).nullable().meta(about('Why there is no answer.')),
  summary: z.string().meta(about('One line for people: `200 in 84 ms`, or why there is no answer.')),
});
const deliveryFields = {
  id: z.string().meta(about('`msg_…`, the `webhook-id` of every attempt.')),
  endpoint_id: z.string().meta(about('Where it goes.')),
  event_id: z.string().nullable().meta(about('The entry of the audit log; null for a test.')),
  type: z.string().meta(about('What it tells of, as `key.revoked`.')),
  state: z.enum(deliveryStates).meta(about('`pending` is to be sent, once more perhaps; `failed` is tried no more.')),
  created_at: At.meta(about('When it came about.')),
  next_attempt_at: At.nullable().meta(about('Null while an attempt is being made, and once it is over.')),
};
export const WebhookDeliveryPage = z.object({
  data: z.array(
    z.object({ ...deliveryFields, attempts: z.array(Attempt).meta(about('The newest 10, newest first.')) }),
  ),
  next_cursor: nextCursor,
});
export const WebhookDelivery = z.object({
  ...deliveryFields,
  payload: z.string().meta(about('The body as it is sent, to the byte.')),
  attempts: z
    .array(Attempt.extend({ response: z.string().nullable().meta(about('The first 16 kB of the answer, as text.')) }))
    .meta(about('The newest 10, newest first.')),
});
export const Recovered = z.object({ count: z.int().min(0).meta(about('How many deliveries are on their way again.')) });

/** The bodies by their names in the document. */
export const webhookBodies = { CreateWebhookEndpoint, UpdateWebhookEndpoint, RecoverWebhooks };
/** The answers by their names in the document. */
export const webhookAnswers = {
  WebhookEndpoint,
  IssuedWebhookEndpoint,
  WebhookEndpointPage,
  WebhookDelivery,
  WebhookDeliveryPage,
  Recovered,
};
