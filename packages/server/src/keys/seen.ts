/**
 * Seen: when and from where a key was last used, written in the background.
 *
 * At most one write a minute and key on each server; the very first use is told to whoever listens. Nothing waits for
 * it, and a write that fails is tried again with the key's next call.
 */
import type { Events, SeenRequest } from '../events/domain-event.ts';
import type { Database } from '../kernel/database.ts';
import type { Log } from '../kernel/log.ts';

const writeEveryMs = 60_000;
/** Keys remembered as written lately. Past it all are forgotten, which costs a write each, nothing else. */
const mostRemembered = 50_000;
const longestUserAgent = 256;

/** A call of a known key, as it was answered. */
export interface SeenCall extends SeenRequest {
  readonly keyId: string;
  readonly workspaceId: string;
  readonly userAgent: string | undefined;
}

export interface KeyUse {
  /** Notes a call that the guard admitted. Never waits, never throws. */
  seen(call: SeenCall): void;
  /** Resolves when what is being written is written. */
  settled(): Promise<void>;
}

/** Opens the writer. */
export function createKeyUse({ database, events, log }: { database: Database; events: Events; log: Log }): KeyUse {
  const writtenAt = new Map<string, number>();
  const writing = new Set<Promise<void>>();

  async function write(call: SeenCall): Promise<void> {
    const { keyId, workspaceId, userAgent, ...request } = call;
    const at = new Date(call.at);
    await database.apiKey.updateMany({
      where: { id: keyId },
      data: { lastUsedAt: at, lastUsedIp: call.address, lastUserAgent: userAgent?.slice(0, longestUserAgent) ?? null },
    });
    const first = await database.apiKey.updateMany({
      where: { id: keyId, firstUsedAt: null },
      data: { firstUsedAt: at },
    });
    if (first.count === 1) events.announce({ type: 'key.first_used', workspaceId, keyId, request });
  }

  return {
    seen(call) {
      const last = writtenAt.get(call.keyId);
      if (last !== undefined && call.at - last < writeEveryMs) return;
      if (writtenAt.size >= mostRemembered) writtenAt.clear();
      writtenAt.set(call.keyId, call.at);
      const work = write(call)
        .catch((error: unknown) => {
          writtenAt.delete(call.keyId);
          log.warn({ err: error, keyId: call.keyId }, 'the last use of a key could not be written');
        })
        .finally(() => writing.delete(work));
      writing.add(work);
    },
    async settled() {
      await Promise.all(writing);
    },
  };
}
