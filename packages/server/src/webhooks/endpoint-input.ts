/** Endpoint input: the bounds of what a caller may set on an endpoint, the same for every door. */
import { webhookEventTypes } from '@gatekey/shared';
import { z } from 'zod';
import { isStorable } from '../kernel/input.ts';
import { IdempotencyKey } from '../keys/key-input.ts';
import { refusedTarget, targetFrom } from './target.ts';

const Url = z
  .string()
  .refine((text) => targetFrom(text) !== undefined, refusedTarget)
  // As it is connected to: what a name means must not depend on who reads it.
  .transform((text) => targetFrom(text)?.href ?? text);

const EventTypes = z
  .array(z.enum(webhookEventTypes, `One of ${webhookEventTypes.join(', ')}.`))
  .max(100, 'Name each type once.')
  .transform((types) => webhookEventTypes.filter((type) => types.includes(type)));

const Description = z
  .string()
  .trim()
  .max(200, 'A description has at most 200 characters.')
  .refine(isStorable, 'No NUL characters and no halves of characters.');

/** What a caller may set on an endpoint, each by itself: checked, and made canonical. */
export const endpointFields = {
  url: Url,
  events: EventTypes,
  description: Description,
  enabled: z.boolean('Say true or false.'),
} as const;

export const NewEndpoint = z.object({
  url: Url,
  events: EventTypes.nullish().transform((types) => types ?? []),
  description: Description.nullish().transform((text) => text ?? ''),
  idempotencyKey: IdempotencyKey.nullish(),
});

/** In a change, what is left out stays; null takes it away. */
export const EndpointChanges = z
  .object({
    url: Url,
    events: EventTypes.nullable().transform((types) => types ?? []),
    description: Description.nullable().transform((text) => text ?? ''),
    enabled: endpointFields.enabled,
  })
  .partial();
