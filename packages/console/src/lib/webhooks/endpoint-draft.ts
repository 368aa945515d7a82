/**
 * Endpoint draft: what a form says about an endpoint, from what was typed to what is sent, with every mistake at its field.
 *
 * The server checks all of it again, and where the URL leads; this only spares the way there.
 */
import { type WebhookEventType, webhookEventTypes } from '@gatekey/shared';
import { m } from '#messages';

/** What an endpoint can be told of, by what it is about. */
export const eventGroups = {
  keys: ['key.created', 'key.updated', 'key.enabled', 'key.disabled', 'key.revoked', 'key.deleted', 'key.rotated'],
  expiry: ['key.expiring', 'key.expired'],
  usage: ['usage.threshold', 'usage.exceeded'],
  addresses: ['ip.refused'],
} as const satisfies Record<string, readonly WebhookEventType[]>;

/** The form as it stands. */
export interface EndpointDraft {
  url: string;
  description: string;
  /** Also of types that come later. */
  isAll: boolean;
  /** What is ticked, if it is not all. */
  events: readonly WebhookEventType[];
}

/** All that can be set about an endpoint. */
export interface EndpointSettings {
  readonly url: string;
  readonly description: string;
  /** Empty = all. */
  readonly events: string[];
}

export const emptyDraft: EndpointDraft = { url: '', description: '', isAll: true, events: [] };

/** The form of an endpoint as it is. */
export function draftOf({ url, description, events }: EndpointSettings): EndpointDraft {
  return {
    url,
    description,
    isAll: events.length === 0,
    events: inOrder(events),
  };
}

export type ReadDraft =
  | { readonly ok: true; readonly settings: EndpointSettings }
  | { readonly ok: false; readonly fields: Readonly<Record<string, string>> };

/** Reads the form. Fields are named as the server names them. */
export function readDraft({ url, description, isAll, events }: EndpointDraft): ReadDraft {
  const fields: Record<string, string> = {};
  const typed = url.trim();
  if (!isWebUrl(typed)) fields.url = typed === '' ? m.webhooks_url_missing() : m.webhooks_url_invalid();
  if (!isAll && events.length === 0) fields.events = m.webhooks_events_missing();
  if (Object.keys(fields).length > 0) return { ok: false, fields };
  return { ok: true, settings: { url: typed, description: description.trim(), events: isAll ? [] : inOrder(events) } };
}

/** What differs: all that need be sent, so that what somebody else changed meanwhile stays. */
export function changesOf(before: EndpointSettings, after: EndpointSettings): Partial<EndpointSettings> {
  return {
    ...(before.url !== after.url && { url: after.url }),
    ...(before.description !== after.description && { description: after.description }),
    ...(before.events.join() !== after.events.join() && { events: after.events }),
  };
}

/** As the server keeps them. */
function inOrder(events: readonly string[]): WebhookEventType[] {
  return webhookEventTypes.filter((type) => events.includes(type));
}

function isWebUrl(text: string): boolean {
  return URL.canParse(text) && ['http:', 'https:'].includes(new URL(text).protocol);
}

/** How an endpoint is called: by what people wrote about it, else by its host. */
export function endpointName({ url, description }: Pick<EndpointSettings, 'url' | 'description'>): string {
  return description === '' ? new URL(url).host : description;
}
