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
  /** The ticks told of it; else it is what the server noted, which is up to a minute old. */
  readonly isLastUseExact: boolean;
  /** Null while only the tick is known: it tells that the key moved, not from where. */
  readonly lastUsedIp: string | null;
}

/** The server notes the last use of a key once a minute; within that the address is the same sight. */
const sameSightMs = 90_000;

export function keyFace(key: Key, { view, now }: Pick<Live, 'view' | 'now'>): KeyFace {
  const usage = view.keys.get(key.id) ?? key.usage;
  const stored = key.lastUsedAt === null ? null : Date.parse(key.lastUsedAt);
  const moved = view.movedAt.get(key.id) ?? null;
  const isMovedLater = moved !== null && (stored === null || moved > stored);
  const isSameSight = !isMovedLater || (stored !== null && moved - stored < sameSightMs);
  return {
    usage,
    status: keyStatus(key, usage, now),
    lastUsedAt: isMovedLater ? moved : stored,
    isLastUseExact: isMovedLater,
    lastUsedIp: isSameSight ? key.lastUsedIp : null,
  };
}
