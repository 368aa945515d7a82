/**
 * Seen: when and from where a key and each of its secrets was last used, written in the background.
 *
 *   seen -> was it written within the last minute? -> gathered for some ms -> one statement for all of them
 *
 * At most once a minute for each secret on each server; the very first use of a key is told to whoever listens. Nothing
 * waits for it. What could not be written is written with a later call, a minute on.
 */
import { z } from 'zod';
import type { Events, SeenRequest } from '../events/domain-event.ts';
import type { Database } from '../kernel/database.ts';
import { type Log, redact } from '../kernel/log.ts';
import { bytesOf, type SecretHash } from './secret.ts';

const writeEveryMs = 60_000;
/** How long uses are gathered, ms: the first one is shown to whoever waits for it. */
const gatherMs = 20;
/** Secrets remembered as written lately. Past it all are forgotten, which costs a write each, nothing else. */
const mostRemembered = 100_000;
const longestUserAgent = 256;
const longestPath = 200;

/** Whose call, and when. */
export interface SeenKey {
  readonly keyId: string;
  readonly workspaceId: string;
  /** Of the secret that it came with. */
  readonly secretHash: SecretHash;
}

/** The call as it was asked and answered. */
export interface Answered extends Omit<SeenRequest, 'at'> {
  readonly userAgent: string | undefined;
}
interface Use extends SeenKey, Answered {
  readonly at: number;
}

export interface KeyUse {
  /**
   * Notes a call that the guard admitted. Never waits, never throws.
   *
   * @param at        epoch ms
   * @param describe  asked only when the use is to be written
   */
  seen(key: SeenKey, at: number, describe: () => Answered): void;
  /** Resolves when what is to be written is written. */
  settled(): Promise<void>;
}

const Written = z.array(z.object({ id: z.string(), is_first: z.boolean() }));

/** Opens the writer. */
export function createKeyUse({ database, events, log }: { database: Database; events: Events; log: Log }): KeyUse {
  const notedAt = new Map<SecretHash, number>();
  let gathered: Use[] = [];
  let timer: NodeJS.Timeout | undefined;
  let writing: Promise<void> = Promise.resolve();
  let isFailing = false;

  const write = async (uses: readonly Use[]): Promise<void> => {
    try {
      const written = Written.parse(await writeUses(database, uses));
      isFailing = false;
      for (const { id } of written.filter(({ is_first }) => is_first)) {
        const use = uses.find(({ keyId }) => keyId === id);
        if (use === undefined) continue;
        const { keyId, workspaceId, at, method, path, status, address } = use;
        events.announce({ type: 'key.first_used', workspaceId, keyId, request: { at, method, path, status, address } });
      }
    } catch (error) {
      if (!isFailing) log.warn({ err: error }, 'the last use of keys cannot be written');
      isFailing = true;
    }
  };

  const flush = () => {
    clearTimeout(timer);
    timer = undefined;
    const uses = gathered;
    gathered = [];
    if (uses.length > 0) writing = writing.then(() => write(uses));
    return writing;
  };

  return {
    seen(key, at, describe) {
      const last = notedAt.get(key.secretHash);
      if (last !== undefined && at - last < writeEveryMs) return;
      if (notedAt.size >= mostRemembered) notedAt.clear();
      notedAt.set(key.secretHash, at);
      const { userAgent, path, ...answered } = describe();
      gathered.push({ ...key, at, ...answered, path: storablePath(path), userAgent: storable(userAgent) });
      timer ??= setTimeout(flush, gatherMs);
    },
    settled: flush,
  };
}

/** Writes the uses of secrets and of their keys; a key twice in a minute is written once. */
function writeUses(database: Database, uses: readonly Use[]): Promise<unknown> {
  const rows = uses.map(({ keyId, secretHash, at, address, userAgent }) => ({
    hash: bytesOf(secretHash).toString('hex'),
    key_id: keyId,
    at: new Date(at),
    address,
    user_agent: userAgent ?? null,
  }));
  return database.$queryRaw`
    with given as (
      select decode(hash, 'hex') as hash, key_id, at, address, user_agent
      from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb)
        as row (hash text, key_id text, at timestamptz, address text, user_agent text)
    ), secrets as (
      update key_secret set last_used_at = given.at, last_used_ip = given.address
      from given where key_secret.hash = given.hash
    ), latest as (
      select distinct on (key_id) key_id, at, address, user_agent from given order by key_id, at desc
    )
    update api_key
    set last_used_at = latest.at, last_used_ip = latest.address, last_user_agent = latest.user_agent,
        first_used_at = coalesce(api_key.first_used_at, latest.at)
    from latest
    where api_key.id = latest.key_id
      and (api_key.last_used_at is null or api_key.last_used_at <= latest.at - interval '1 minute')
    returning api_key.id, api_key.first_used_at = latest.at as is_first`;
}

/** What a client says it is, as it may be stored and shown. */
function storable(userAgent: string | undefined): string | undefined {
  return userAgent && redact(userAgent.replace(/\p{Cc}/gu, '')).slice(0, longestUserAgent);
}

/** The path as it may be told: without the query, bounded, and without what looks like a secret. */
function storablePath(path: string): string {
  return redact(path.split('?', 1)[0] ?? '').slice(0, longestPath);
}
