/**
 * Seen: when and from where a key and each of its secrets was last used, written in the background.
 *
 * At most one write a minute for the key and for each secret on each server; the very first use is told to whoever
 * listens. Nothing waits for it, and a write that fails is tried again with the key's next call.
 */
import type { Events, SeenRequest } from '../events/domain-event.ts';
import type { Database } from '../kernel/database.ts';
import { type Log, redact } from '../kernel/log.ts';

const writeEveryMs = 60_000;
/** Keys and secrets remembered as written lately. Past it all are forgotten, which costs a write each, nothing else. */
const mostRemembered = 100_000;
const longestUserAgent = 256;

/** A call of a known key, as it was answered. */
export interface SeenCall extends SeenRequest {
  readonly keyId: string;
  readonly workspaceId: string;
  /** SHA-256 of the secret that it came with. */
  readonly secretHash: Buffer<ArrayBuffer>;
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

  const isDue = (name: string, at: number) => at - (writtenAt.get(name) ?? Number.NEGATIVE_INFINITY) >= writeEveryMs;

  const begin = (name: string, call: SeenCall, write: (call: SeenCall) => Promise<void>) => {
    if (writtenAt.size >= mostRemembered) writtenAt.clear();
    writtenAt.set(name, call.at);
    const work = write(call)
      .catch((error: unknown) => {
        writtenAt.delete(name);
        log.warn({ err: error, keyId: call.keyId }, 'the last use of a key could not be written');
      })
      .finally(() => writing.delete(work));
    writing.add(work);
  };

  async function writeKey(call: SeenCall): Promise<void> {
    const { keyId, workspaceId, userAgent, secretHash: _secretHash, ...request } = call;
    const at = new Date(call.at);
    await database.apiKey.updateMany({
      where: { id: keyId },
      data: { lastUsedAt: at, lastUsedIp: call.address, lastUserAgent: storable(userAgent) },
    });
    const first = await database.apiKey.updateMany({
      where: { id: keyId, firstUsedAt: null },
      data: { firstUsedAt: at },
    });
    if (first.count === 1) events.announce({ type: 'key.first_used', workspaceId, keyId, request });
  }

  async function writeSecret({ secretHash, at, address }: SeenCall): Promise<void> {
    await database.keySecret.updateMany({
      where: { hash: secretHash },
      data: { lastUsedAt: new Date(at), lastUsedIp: address },
    });
  }

  return {
    seen(call) {
      const secret = call.secretHash.toString('latin1');
      if (isDue(call.keyId, call.at)) begin(call.keyId, call, writeKey);
      if (isDue(secret, call.at)) begin(secret, call, writeSecret);
    },
    async settled() {
      await Promise.all(writing);
    },
  };
}

/** What a client says it is, as it may be stored and shown. */
function storable(userAgent: string | undefined): string | null {
  if (userAgent === undefined) return null;
  return redact(userAgent.replace(/\p{Cc}/gu, '')).slice(0, longestUserAgent);
}
