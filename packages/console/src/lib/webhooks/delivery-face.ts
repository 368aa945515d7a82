/** Delivery face: how a delivery and each of its attempts stand, as shapes and words. Pure. */
import { formatCount, formatLeft } from '#lib/format.ts';
import type { ShapeKind } from '#lib/ui/Shape.svelte';
import { m } from '#messages';
import type { Attempt, Delivery } from './webhooks.documents.ts';

export interface Face {
  readonly shape: ShapeKind;
  readonly text: string;
}

/** Why an attempt had no answer, in words. */
const faultWords: Readonly<Record<NonNullable<Attempt['fault']>, () => string>> = {
  DNS: m.webhooks_fault_dns,
  TARGET: m.webhooks_fault_target,
  TLS: m.webhooks_fault_tls,
  CONNECTION: m.webhooks_fault_connection,
  TIMEOUT: m.webhooks_fault_timeout,
  INTERRUPTED: m.webhooks_fault_interrupted,
  SECRET: m.webhooks_fault_secret,
};

/** `200 in 84 ms`, or why there was no answer. */
export function attemptFace({ finishedAt, status, durationMs, fault }: Attempt): Face {
  if (finishedAt === null) return { shape: 'waiting', text: m.webhooks_attempt_sent() };
  if (status === null) return { shape: 'over', text: fault === null ? m.webhooks_no_answer() : faultWords[fault]() };
  const text = m.webhooks_answered({ status, duration: formatCount(durationMs ?? 0) });
  if (status >= 200 && status < 300) return { shape: 'ok', text };
  const isRedirect = status >= 300 && status < 400;
  return { shape: 'over', text: isRedirect ? m.webhooks_redirect({ answer: text }) : text };
}

/** @param now  epoch ms, on the server's clock */
export function deliveryFace({ state, nextAttemptAt, attempts }: Delivery, now: number): Face {
  if (state === 'DELIVERED') return { shape: 'ok', text: m.webhooks_delivered() };
  if (state === 'FAILED') return { shape: 'over', text: m.webhooks_failed() };
  if (nextAttemptAt === null) return { shape: 'waiting', text: m.webhooks_sending() };
  const leftMs = Date.parse(nextAttemptAt) - now;
  if (leftMs <= 0 || attempts.length === 0) return { shape: 'waiting', text: m.webhooks_queued() };
  return { shape: 'near', text: m.webhooks_again_in({ left: formatLeft(leftMs) }) };
}

/** The server tells of so many attempts of a delivery, the newest. */
const mostAttempts = 10;

/** How many attempts there were, as far as it is known. */
export function attemptCount({ attempts }: Pick<Delivery, 'attempts'>): string {
  return attempts.length < mostAttempts ? String(attempts.length) : `≥ ${mostAttempts}`;
}

/** Which attempt the one at a place of the list was, from 1; null where older ones are not known. */
export function attemptNumber({ attempts }: Pick<Delivery, 'attempts'>, index: number): number | null {
  return attempts.length < mostAttempts ? attempts.length - index : null;
}

/** How far a delivery that was just asked for has come. */
export function stepsOf({ attempts }: Pick<Delivery, 'attempts'>): readonly Face[] {
  const newest = attempts[0];
  const queued: Face = { shape: newest === undefined ? 'waiting' : 'ok', text: m.webhooks_queued() };
  if (newest === undefined) return [queued];
  if (newest.finishedAt === null) return [queued, { shape: 'waiting', text: m.webhooks_sent() }];
  return [queued, { shape: 'ok', text: m.webhooks_sent() }, attemptFace(newest)];
}

/** A body to be read: JSON a value a line. What that would change in more than its spaces stays as it is. */
export function indented(body: string): string {
  try {
    const value: unknown = JSON.parse(body);
    return JSON.stringify(value) === body ? JSON.stringify(value, null, 2) : body;
  } catch {
    return body;
  }
}

/** The header fields that an attempt was sent with. The signature is not kept: what it was made with is secret. */
export function requestHead(deliveryId: string, { startedAt }: Attempt): readonly (readonly [string, string])[] {
  return [
    ['content-type', 'application/json'],
    ['user-agent', 'Gatekey-Webhooks/1'],
    ['webhook-id', deliveryId],
    ['webhook-timestamp', String(Math.floor(Date.parse(startedAt) / 1_000))],
    ['webhook-signature', m.webhooks_signature_not_kept()],
  ];
}
