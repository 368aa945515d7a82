/**
 * Key cache: keys without the database, and never a key that has lost its right.
 *
 *   hash -> entry, young enough? -> serve        else one read of the database for all who wait
 *
 * Promises:
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
import type { Log } from '../kernel/log.ts';
import { within } from '../kernel/within.ts';
import { createChanges } from './changes.ts';
import type { FoundKey, KeyLookup } from './lookup.ts';
import type { SecretHash } from './secret.ts';

/** From this age on an entry is read again in the background, ms. */
const refreshAfterMs = 4_000;
/** How long such entries are gathered for one read, ms: one by one they cost the guard a fifth of its time. */
const gatherMs = 250;
/** From this age on a caller waits for that, ms. Together with a read it keeps the promise of 10 s. */
const waitAfterMs = 8_000;
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
  readonly bus: Bus;
  readonly events: Events;
  readonly log: Log;
}

export interface KeyCache extends KeyLookup {
  /** How many times a key passed from memory because it could not be looked up. */
  passedWithoutDatabase(): number;
  /** How many keys and unknown secrets it holds, and by how many ids it finds them. */
  size(): { readonly keys: number; readonly unknown: number; readonly ids: number };
  close(): void;
}

/** Opens the cache; from when it settles it hears of every change. */
export async function createKeyCache({ source, bus, events, log }: Needs): Promise<KeyCache> {
  const entries = new Map<string, Entry>();
  /** The names of entries, by the id of their key and by that of its workspace. */
  const namesOf = new Map<string, Set<string>>();
  let metadataLength = 0;
  const unknown = new Map<string, number>();
  const reading = new Map<string, Promise<FoundKey | undefined>>();
  /** Entries that were read before this are not to be trusted without asking. */
  let trustedSince = Number.NEGATIVE_INFINITY;
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

  const due = new Set<SecretHash>();
  let gathering: NodeJS.Timeout | undefined;
  /** Reads an entry again soon, together with others. */
  const refresh = (hash: SecretHash) => {
    due.add(hash);
    gathering ??= setTimeout(() => {
      gathering = undefined;
      for (const hash of due) read(hash).catch(noteAway);
      due.clear();
    }, gatherMs);
  };

  const noteAway = (error: unknown) => {
    if (!isDatabaseAway) log.warn({ err: error }, 'keys cannot be looked up; known ones pass from memory');
    isDatabaseAway = true;
  };

  /** What an entry is still good for when it could not be read again. */
  const survivor = (name: string, error: unknown): FoundKey => {
    noteAway(error);
    // Looked up again: an event may have taken it meanwhile.
    const entry = entries.get(name);
    if (entry === undefined || performance.now() - entry.readAt > survivesMs) throw error;
    return entry.found;
  };

  const end = await events.listenToAll((event) => {
    if (isReport(event) || event.type === 'session.ended' || 'costRuleId' in event) return;
    if ('planId' in event) {
      changes.ofAll();
      // Any number of workspaces may be held to it, so nothing is searched for: all are asked again when they are used.
      trustedSince = performance.now();
      return;
    }
    const changed = 'keyId' in event ? event.keyId : event.workspaceId;
    changes.of(changed, event.type === 'key.created' || event.type === 'key.rotated');
    for (const name of [...(namesOf.get(changed) ?? [])]) forget(name);
  });
  const endReconnects = bus.onReconnect(() => {
    changes.ofAll();
    trustedSince = performance.now();
  });

  return {
    async find(hash) {
      const now = performance.now();
      const entry = entries.get(hash);
      if (entry === undefined) {
        const refusedAt = unknown.get(hash);
        if (refusedAt !== undefined && refusedAt > trustedSince && now - refusedAt < unknownForMs) return undefined;
        unknown.delete(hash);
        return read(hash);
      }
      const age = now - entry.readAt;
      if (age < refreshAfterMs && entry.readAt > trustedSince) return entry.found;
      if (isDatabaseAway ? age <= survivesMs : age < waitAfterMs && entry.readAt > trustedSince) {
        if (isDatabaseAway) passedWithoutDatabase += 1;
        refresh(hash);
        return entry.found;
      }
      const fromMemory = (error: unknown) => {
        const found = survivor(hash, error);
        passedWithoutDatabase += 1;
        return found;
      };
      return age > survivesMs ? read(hash) : within(patienceMs, read(hash), 'the database is silent').catch(fromMemory);
    },
    passedWithoutDatabase: () => passedWithoutDatabase,
    size: () => ({ keys: entries.size, unknown: unknown.size, ids: namesOf.size }),
    close() {
      clearTimeout(gathering);
      end();
      endReconnects();
    },
  };
}

/** Makes room for one more by letting the oldest go. */
function bounded(map: ReadonlyMap<string, unknown>, most: number, forget: (name: string) => void): void {
  if (map.size < most) return;
  const oldest = map.keys().next().value;
  if (oldest !== undefined) forget(oldest);
}
