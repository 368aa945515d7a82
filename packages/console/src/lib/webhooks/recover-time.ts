/** Recover time: from when on one most likely wants failed deliveries again. Pure. */
import type { Endpoint } from './webhooks.documents.ts';

const dayMs = 86_400_000;

/** Since it failed, or was disabled; else a day ago. Epoch ms. */
export function recoverFrom(
  { failingSince, disabledAt }: Pick<Endpoint, 'failingSince' | 'disabledAt'>,
  now: number,
): number {
  const began = failingSince ?? disabledAt;
  // What failed began before its failure was noticed.
  return (began === null ? now : Date.parse(began)) - dayMs;
}

/** `2026-11-28T10:31`, on the person's own clock, as the input for an instant takes it. */
export function wallClock(at: number): string {
  const date = new Date(at);
  const two = (value: number): string => String(value).padStart(2, '0');
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  return `${day}T${two(date.getHours())}:${two(date.getMinutes())}`;
}
