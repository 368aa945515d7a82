/**
 * Key status: the one thing to say about a key, as a shape and a word.
 *
 * What the server holds it to comes first; then what is about to happen to it, or is happening right now.
 */
import { windowKinds } from '@gatekey/shared';
import type { Usage } from '#lib/live/live.documents.ts';
import type { ShapeKind } from '#lib/ui/Shape.svelte';
import { m } from '#messages';
import type { Key } from './keys.documents.ts';

export interface KeyStatusFace {
  readonly shape: ShapeKind;
  readonly text: string;
}

const dayMs = 86_400_000;
/** From here on an expiry is worth a warning. */
const soonMs = 7 * dayMs;

/**
 * @param usage  of this key, against its own limits
 * @param now    epoch ms, on the server's clock
 */
export function keyStatus(
  { status, expiresAt }: Pick<Key, 'status' | 'expiresAt'>,
  usage: Usage,
  now: number,
): KeyStatusFace {
  const leftMs = expiresAt === null ? Number.POSITIVE_INFINITY : Date.parse(expiresAt) - now;
  if (status === 'REVOKED') return { shape: 'over', text: m.keys_status_revoked() };
  if (status === 'EXPIRED' || leftMs <= 0) return { shape: 'over', text: m.keys_status_expired() };
  if (status === 'DISABLED') return { shape: 'paused', text: m.keys_status_disabled() };
  if (isLimited(usage, now)) return { shape: 'over', text: m.keys_status_limited() };
  if (leftMs <= soonMs) return { shape: 'near', text: expiresText(Math.floor(leftMs / dayMs)) };
  return { shape: 'ok', text: m.keys_status_active() };
}

function expiresText(days: number): string {
  return days === 0 ? m.keys_status_expires_today() : m.keys_status_expires_in({ count: days });
}

/** Whether a limit of the key's own refuses it in a window that still runs. */
function isLimited(usage: Usage, now: number): boolean {
  return windowKinds.some((kind) => {
    const { used, limit, resetsAt } = usage[kind];
    return limit !== null && used >= limit && now < Date.parse(resetsAt);
  });
}
