/** Endpoint face: whether an endpoint is told of events, as a shape and a word, and why it is not. Pure. */
import { formatDateClock, formatLeft } from '#lib/format.ts';
import { m } from '#messages';
import type { Face } from './delivery-face.ts';
import type { Endpoint } from './webhooks.documents.ts';

type Standing = Pick<Endpoint, 'disabledAt' | 'disabledReason' | 'failingSince'>;

/** @param now  epoch ms, on the server's clock */
export function endpointFace({ disabledAt, disabledReason, failingSince }: Standing, now: number): Face {
  if (disabledReason === 'GONE') return { shape: 'over', text: m.webhooks_status_gone() };
  if (disabledReason === 'FAILING') return { shape: 'over', text: m.webhooks_status_gave_up() };
  if (disabledAt !== null) return { shape: 'paused', text: m.webhooks_status_disabled() };
  if (failingSince === null) return { shape: 'ok', text: m.webhooks_status_enabled() };
  const lasting = formatLeft(Math.max(1_000, now - Date.parse(failingSince)));
  return { shape: 'near', text: m.webhooks_status_failing({ lasting }) };
}

/** Why Gatekey itself disabled it; null where it did not. */
export function disabledWords({ disabledAt, disabledReason }: Standing): string | null {
  if (disabledAt === null || disabledReason === null || disabledReason === 'ASKED') return null;
  const time = formatDateClock(Date.parse(disabledAt));
  return disabledReason === 'GONE' ? m.webhooks_disabled_gone({ time }) : m.webhooks_disabled_failing({ time });
}
