/** Key face: a key as a row shows it, from what is stored and from what the ticks say now. */

import type { Usage } from '#lib/live/live.documents.ts';
import type { Live } from '#lib/live/live.svelte.ts';
import { type KeyStatusFace, keyStatus } from './key-status.ts';
import type { Key } from './keys.documents.ts';

export interface KeyFace {
  readonly usage: Usage;
  readonly status: KeyStatusFace;
  /** Epoch ms; null = never. */
  readonly lastUsedAt: number | null;
  /** The ticks told of it; else it is what the server noted, or the start of a minute in which it was used: up to a minute old. */
  readonly isLastUseExact: boolean;
  /** Null while only the counts tell of that use: they do not say from where. */
  readonly lastUsedIp: string | null;
}

/** The server notes the last use of a key once a minute; within that the address is the same sight. */
const sameSightMs = 90_000;

export function keyFace(key: Key, { view, now }: Pick<Live, 'view' | 'now'>): KeyFace {
  const usage = view.keys.get(key.id) ?? key.usage;
  const stored = key.lastUsedAt === null ? null : Date.parse(key.lastUsedAt);
  const noted = latest(stored, usage.minute.used === 0 ? null : Date.parse(usage.minute.startsAt));
  const lastUsedAt = latest(noted, view.movedAt.get(key.id) ?? null);
  const isSameSight = stored !== null && lastUsedAt !== null && lastUsedAt - stored < sameSightMs;
  return {
    usage,
    status: keyStatus(key, usage, now),
    lastUsedAt,
    isLastUseExact: lastUsedAt !== noted,
    lastUsedIp: isSameSight ? key.lastUsedIp : null,
  };
}

function latest(one: number | null, other: number | null): number | null {
  return one === null || other === null ? (one ?? other) : Math.max(one, other);
}
