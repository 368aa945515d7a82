/**
 * Key cache: keys without the database, and never a key that has lost its right.
 *
 *   hash -> entry that nothing has changed? -> serve        else one read of the database for all who wait
 *
 * Promises:
 * - A key that is known is served from memory for as long as it is known that nothing has changed it, which is asked
 *   every 2 s for all keys at once: it costs the same whether a hundred are known or fifty thousand.
 * - A change of a key, its workspace or its plan holds here as soon as its event arrives; within 10 s where no event
 *   arrives; and at once after the bus is back. A read that was under way when an event came is done again, so it cannot
 *   bring back a revoked key or an old limit.
 * - While the database is away, what is known passes for up to 10 minutes; what is not known is refused as unavailable.
 * - Secrets that nobody has are remembered apart, in a place too small for an attacker to fill up memory with.
 * Holds hashes, never a secret. Many may ask for one secret at the same time: it is read once.
 */
import { isDeepStrictEqual } from 'node:util';
import type { Bus } from '../events/bus.ts';
import { type Events, isReport } from '../events/domain-event.ts';
import { every } from '../kernel/every.ts';
import type { Log } from '../kernel/log.ts';
import { within } from '../kernel/within.ts';
import { createChanges } from './changes.ts';
import type { FoundKey, KeyLookup } from './lookup.ts';
import type { RecentChange, RecentChanges } from './recent-changes.ts';
import type { SecretHash } from './secret.ts';

/** How long an entry is taken for true after it was read, or after that was last known, ms. With a read it keeps the 10 s. */
const trustedForMs = 8_000;
/** How old what was read gets before it is read again beside a call, ms: for what was changed past the commands, by hand. */
const rereadAfterMs = 60_000;
/** How long a caller waits for a database that says nothing, when the key is known, ms. */
const patienceMs = 1_000;
/** For how long an entry passes while the database is away, ms. */
const survivesMs = 10 * 60_000;
/** Some 1 kB each, beside what was stored with them. */
const mostKeys = 50_000;
/** Characters of what was stored with all keys together. */
const mostMetadata = 64 * 1024 * 1024;
const mostUnknown = 10_000;
const unknownForMs = 5_000;
/** Reads of one secret that are overtaken by events, one after another. */
const mostReads = 5;

interface Entry {
  readonly found: FoundKey;
  /** When the read that it comes from began, ms of the process's own clock. */
  readonly readAt: number;
}

interface Needs {
  /** Asks the truth. */
  readonly source: KeyLookup;
  readonly recent: RecentChanges;
  /** How often that is asked, ms; 2 s unless told. */
  readonly checkEveryMs?: number;
  readonly bus: Bus;
  readonly events: Events;
  readonly log: Log;
}

export interface KeyCache extends KeyLookup {
  /** How many times a key passed from memory because it could not be looked up. */
  passedWithoutDatabase(): number;
  /** How many keys and unknown secrets it holds, and by how many ids it finds them. */
  size(): { readonly keys: number; readonly unknown: number; readonly ids: number };
  close(): Promise<void>;
}

/** Opens the cache; from when it settles it hears of every change. */
export async function createKeyCache(needs: Needs): Promise<KeyCache> {
  const { source, recent, checkEveryMs = 2_000, bus, events, log } = needs;
  const entries = new Map<string, Entry>();
  /** The names of entries, by the id of their key and by that of its workspace. */
  const namesOf = new Map<string, Set<string>>();
  let metadataLength = 0;
  const unknown = new Map<string, number>();
  const reading = new Map<string, Promise<FoundKey | undefined>>();
  /** Entries that were read before this are not to be trusted without asking. */
  let trustedSince = Number.NEGATIVE_INFINITY;
  /** When it was last asked what was changed, and what that was is known, ms of the process's own clock. */
  let checkedAt = Number.NEGATIVE_INFINITY;
  const changes = createChanges();
  let isDatabaseAway = false;
  let passedWithoutDatabase = 0;

  const forget = (name: string) => {
    const key = entries.get(name)?.found.key;
    if (key === undefined) return;
    entries.delete(name);
    metadataLength -= key.metadata.length;
    for (const id of [key.id, key.workspaceId]) {
      const names = namesOf.get(id);
      names?.delete(name);
      if (names?.size === 0) namesOf.delete(id);
    }
  };

  const remember = (name: string, found: FoundKey | undefined, readAt: number) => {
    const known = entries.get(name);
    if (known !== undefined && isDeepStrictEqual(known.found, found)) {
      // The same object while it says the same: others keep by it what they have worked out.
      entries.delete(name);
      entries.set(name, { found: known.found, readAt });
      return;
    }
    forget(name);
    if (found === undefined) {
      bounded(unknown, mostUnknown, (oldest) => unknown.delete(oldest));
      unknown.set(name, readAt);
      return;
    }
    bounded(entries, mostKeys, forget);
    metadataLength += found.key.metadata.length;
    for (const oldest of entries.keys()) {
      if (metadataLength <= mostMetadata) break;
      forget(oldest);
    }
    entries.set(name, { found, readAt });
    for (const id of [found.key.id, found.key.workspaceId]) {
      const names = namesOf.get(id) ?? new Set();
      namesOf.set(id, names.add(name));
    }
  };

  const readOnce = async (hash: SecretHash): Promise<FoundKey | undefined> => {
    for (let reads = 1; ; reads++) {
      const readAt = performance.now();
      const before = changes.now();
      const found = await source.find(hash);
      isDatabaseAway = false;
      if (!changes.isOvertaken(found, before)) {
        remember(hash, found, readAt);
        return found;
      }
      // Overtaken again and again: true for this caller, but not to be kept.
      if (reads === mostReads) return found;
    }
  };

  const read = (hash: SecretHash): Promise<FoundKey | undefined> => {
    let work = reading.get(hash);
    if (work === undefined) {
      work = readOnce(hash).finally(() => {
        reading.delete(hash);
        if (reading.size === 0) changes.forget();
      });
      reading.set(hash, work);
    }
    return work;
  };

  const noteAway = (error: unknown) => {
    if (!isDatabaseAway) log.warn({ err: error }, 'keys cannot be looked up; known ones pass from memory');
    isDatabaseAway = true;
  };

  /** When an entry was last known to be true. A check vouches for what is trusted, and for nothing else. */
  const knownAt = ({ readAt }: Entry) => (readAt > trustedSince ? Math.max(readAt, checkedAt) : readAt);

  /** What an entry is still good for when it could not be read again. */
  const survivor = (name: string, error: unknown): FoundKey => {
    noteAway(error);
    // Looked up again: an event may have taken it meanwhile.
    const entry = entries.get(name);
    if (entry === undefined || performance.now() - knownAt(entry) > survivesMs) throw error;
    passedWithoutDatabase += 1;
    return entry.found;
  };

  /** Any number of entries may be another now, so nothing is searched for: all are asked again when they are used. */
  const distrustAll = () => {
    changes.ofAll();
    // Until now they were known: so long the database may be away.
    for (const [name, entry] of entries) entries.set(name, { ...entry, readAt: knownAt(entry) });
    trustedSince = performance.now();
  };

  const hear = ({ type, workspaceId, keyId, planId }: RecentChange) => {
    if (planId !== null) return distrustAll();
    const changed = keyId ?? workspaceId;
    if (changed === null) return;
    changes.of(changed, type === 'key.created' || type === 'key.rotated');
    for (const name of [...(namesOf.get(changed) ?? [])]) forget(name);
  };

  const end = await events.listenToAll((event) => {
    if (isReport(event) || event.type === 'session.ended' || 'costRuleId' in event) return;
    hear({ workspaceId: null, keyId: null, planId: null, ...event });
  });
  const endReconnects = bus.onReconnect(distrustAll);
  const check = async () => {
    const startedAt = performance.now();
    const changed = await recent.next();
    if (changed === undefined) distrustAll();
    else changed.forEach(hear);
    checkedAt = startedAt;
    isDatabaseAway = false;
  };
  /** Whether the database is away, one read tells: of all that is known, the longest in memory. */
  const probe = (error: unknown) => {
    log.debug({ err: error }, 'it cannot be asked which keys were changed');
    const [name] = entries.keys();
    if (name !== undefined) read(name).catch(noteAway);
  };
  const checks = every(checkEveryMs, check, probe);

  return {
    find(hash) {
      const now = performance.now();
      const entry = entries.get(hash);
      if (entry === undefined) {
        const refusedAt = unknown.get(hash);
        if (refusedAt !== undefined && refusedAt > trustedSince && now - refusedAt < unknownForMs) return undefined;
        unknown.delete(hash);
        return read(hash);
      }
      const age = now - knownAt(entry);
      if (age < trustedForMs && entry.readAt > trustedSince) {
        if (now - entry.readAt > rereadAfterMs && !reading.has(hash)) read(hash).catch(noteAway);
        return entry.found;
      }
      if (age > survivesMs) return read(hash);
      if (isDatabaseAway) {
        passedWithoutDatabase += 1;
        return entry.found;
      }
      return within(patienceMs, read(hash), 'the database is silent').catch((error) => survivor(hash, error));
    },
    passedWithoutDatabase: () => passedWithoutDatabase,
    size: () => ({ keys: entries.size, unknown: unknown.size, ids: namesOf.size }),
    async close() {
      end();
      endReconnects();
      await checks.end();
    },
  };
}

/** Makes room for one more by letting the oldest go. */
function bounded(map: ReadonlyMap<string, unknown>, most: number, forget: (name: string) => void): void {
  if (map.size < most) return;
  const oldest = map.keys().next().value;
  if (oldest !== undefined) forget(oldest);
}
