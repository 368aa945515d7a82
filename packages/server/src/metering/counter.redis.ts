/**
 * Counter in Redis: exact across servers, one script call for all that one turn of the event loop asks.
 *
 *   take, take, peek, refuse … of one turn -> take.lua -> a decision each
 *
 * What Redis has no record of is taken over from the ledger: a key that was never used, and everything after Redis came
 * back empty. Such a call waits for it; nothing begins at zero that did not.
 * Every step is one script, so whatever runs at the same time, on this server or another, sees each call counted
 * whole or not at all. The clock is Redis's own.
 * A call that gets no answer in time is rejected with CounterUnavailable and never sent again: it may have been counted.
 * In a cluster the hashes of a workspace lie on one slot, and each workspace has a script call of its own.
 */
import { readFileSync } from 'node:fs';
import type { Limits } from '@gatekey/shared';
import { createScript, type RedisClient, runScript } from '../kernel/redis.ts';
import { type CountedCall, type Counter, CounterUnavailable, type Taken, type UsageCounts } from './counter.ts';
import type { Seeds } from './seeds.ts';
import { currentCounts, type StoredCounts, takenFrom, type Used } from './taken.ts';

const takeScript = createScript(readFileSync(new URL('./take.lua', import.meta.url), 'utf8'));
const seedScript = createScript(readFileSync(new URL('./seed.lua', import.meta.url), 'utf8'));
const readScript = createScript(readFileSync(new URL('./read.lua', import.meta.url), 'utf8'));

/** Decisions in one script call: what Redis does within some 3 ms, in which it serves nobody else. */
const mostPerCall = 256;
/** Waiting for the end of the turn; past it new calls are refused as unavailable rather than kept. */
const mostWaiting = 20_000;

/** A hash that was given its counts is there the next time, but for a Redis that is emptied again and again. */
const mostAttempts = 3;

const operations = { take: 0, peek: 1, refuse: 2 } as const;

interface Item {
  readonly operation: keyof typeof operations;
  readonly call: CountedCall;
  readonly resolve: (taken: Taken) => void;
  readonly reject: (error: CounterUnavailable) => void;
}

interface Needs {
  readonly redis: RedisClient;
  readonly seeds: Seeds;
}

/** A counter on a Redis or a Redis Cluster. */
export function createRedisCounter({ redis, seeds }: Needs): Counter {
  let waiting: Item[] = [];
  const inFlight = new Set<Promise<void>>();

  const send = (items: readonly Item[]) => {
    const work = decide({ redis, seeds }, items).finally(() => inFlight.delete(work));
    inFlight.add(work);
  };

  const flush = () => {
    const turn = waiting;
    waiting = [];
    for (const items of redis.isCluster ? byWorkspace(turn) : [turn]) {
      for (let start = 0; start < items.length; start += mostPerCall) send(items.slice(start, start + mostPerCall));
    }
  };

  const ask = (operation: Item['operation'], call: CountedCall): Promise<Taken> =>
    new Promise((resolve, reject) => {
      if (waiting.length >= mostWaiting) return reject(new CounterUnavailable('too many calls wait for the counter'));
      // After this turn's I/O: every request that arrived with it shares the round trip.
      if (waiting.length === 0) setImmediate(flush);
      waiting.push({ operation, call, resolve, reject });
    });

  return {
    take: (call) => ask('take', call),
    peek: (call) => ask('peek', call),
    refuse(workspaceId, keyId) {
      // A refusal that Redis does not hear of is lost from the refused count, never from the used one.
      ask('refuse', { workspaceId, keyId, planLimits: unlimited, keyLimits: unlimited }).catch(() => {});
    },
    read: (workspaceId, keyIds) => read({ redis, seeds }, workspaceId, keyIds),
    async close() {
      flush();
      await Promise.all(inFlight);
    },
  };
}

const unlimited: Limits = { minute: null, day: null, month: null };

// The braces put both on the workspace's slot of a cluster.
const workspaceKey = (workspaceId: string) => `gatekey:{${workspaceId}}`;
const keyKey = (workspaceId: string, keyId: string) => `gatekey:{${workspaceId}}:${keyId}`;

function byWorkspace(items: readonly Item[]): Iterable<Item[]> {
  return Map.groupBy(items, ({ call }) => call.workspaceId).values();
}

/** Never throws: each item gets its decision or its error. */
async function decide(needs: Needs, items: readonly Item[], attempt = 1): Promise<void> {
  const keys: string[] = [];
  const values: number[] = [];
  for (const { operation, call } of items) {
    const { workspaceId, keyId, planLimits, keyLimits } = call;
    keys.push(workspaceKey(workspaceId), keyKey(workspaceId, keyId));
    values.push(operations[operation]);
    pushQuotas(values, planLimits);
    pushQuotas(values, keyLimits);
  }
  try {
    const reply = createReader(await answerOf(needs.redis, takeScript, keys, values));
    const at = reply.next();
    const gaps: Gap[] = [];
    for (const item of items) {
      const outcome = reply.next();
      const [workspace, key] = [readUsed(reply), readUsed(reply)];
      if (outcome <= 1) item.resolve(takenFrom(item.call, at, outcome === 1, workspace, key));
      else gaps.push({ item, isWorkspaceMissing: outcome === 2 });
    }
    if (gaps.length > 0) await fillGaps(needs, gaps, at, attempt);
  } catch (error) {
    const unavailable =
      error instanceof CounterUnavailable ? error : new CounterUnavailable('unreadable', { cause: error });
    // Those that are decided already take no notice.
    for (const { reject } of items) reject(unavailable);
  }
}

interface Gap {
  readonly item: Item;
  readonly isWorkspaceMissing: boolean;
}

/** Lets the items be decided after their hashes were given what the ledger has: one read a workspace, each by itself. */
async function fillGaps(needs: Needs, gaps: readonly Gap[], at: number, attempt: number): Promise<void> {
  if (attempt === mostAttempts) throw new CounterUnavailable('Redis forgets faster than it can be told');
  const gapsOf = Map.groupBy(gaps, ({ item }) => item.call.workspaceId);
  await Promise.all(
    Array.from(gapsOf, async ([workspaceId, same]) => {
      const items = same.map(({ item }) => item);
      const missing = new Set(same.map(({ item }) => item.call.keyId));
      if (same.some(({ isWorkspaceMissing }) => isWorkspaceMissing)) missing.add(workspaceId);
      try {
        await seed(needs, workspaceId, [...missing], at);
      } catch (error) {
        const unavailable = new CounterUnavailable('counts could not be taken over', { cause: error });
        for (const { reject } of items) reject(unavailable);
        return;
      }
      await decide(needs, items, attempt + 1);
    }),
  );
}

/** Gives missing hashes what the ledger has. @param missing  the workspace's id and ids of keys of it */
async function seed(
  { redis, seeds }: Needs,
  workspaceId: string,
  missing: readonly string[],
  at: number,
): Promise<void> {
  const counts = await seeds.of(workspaceId, missing, at);
  const keys: string[] = [];
  const values: number[] = [];
  for (const [id, { at: minuteAt, used, refused }] of counts) {
    keys.push(id === workspaceId ? workspaceKey(workspaceId) : keyKey(workspaceId, id));
    values.push(minuteAt, used.minute, refused.minute, used.day, refused.day, used.month, refused.month);
  }
  await answerOf(redis, seedScript, keys, values);
}

async function read(needs: Needs, workspaceId: string, keyIds: readonly string[], attempt = 1): Promise<UsageCounts> {
  const ids = [workspaceId, ...keyIds];
  const hashes = ids.map((id) => (id === workspaceId ? workspaceKey(workspaceId) : keyKey(workspaceId, id)));
  const reply = createReader(await answerOf(needs.redis, readScript, hashes, []));
  const at = reply.next();
  const stored = ids.map(() => readStored(reply));
  const missing = ids.filter((_id, index) => stored[index]?.at === 0);
  if (missing.length > 0) {
    if (attempt === mostAttempts) throw new CounterUnavailable('Redis forgets faster than it can be told');
    await seed(needs, workspaceId, missing, at).catch((error: unknown) => {
      throw new CounterUnavailable('counts could not be taken over', { cause: error });
    });
    return read(needs, workspaceId, keyIds, attempt + 1);
  }
  const keys = new Map(keyIds.map((keyId, index) => [keyId, currentCounts(stored[index + 1], at)]));
  return { at, workspace: currentCounts(stored[0], at), keys };
}

function pushQuotas(values: number[], limits: Limits): void {
  values.push(limits.minute ?? -1, limits.day ?? -1, limits.month ?? -1);
}

async function answerOf(
  redis: RedisClient,
  script: typeof takeScript,
  keys: readonly string[],
  values: readonly number[],
): Promise<unknown> {
  try {
    return await runScript(redis, script, keys, values);
  } catch (error) {
    throw new CounterUnavailable('Redis did not answer', { cause: error });
  }
}

interface Reader {
  /** The next whole number. */
  next(): number;
}

function createReader(reply: unknown): Reader {
  if (!Array.isArray(reply)) throw new TypeError('a script answers with a list');
  let position = 0;
  return {
    next() {
      const value: unknown = reply[position];
      position += 1;
      if (typeof value !== 'number') throw new TypeError('a script answers with whole numbers');
      return value;
    },
  };
}

function readUsed(reply: Reader): Used {
  return { minute: reply.next(), day: reply.next(), month: reply.next() };
}

function readStored(reply: Reader): StoredCounts {
  const at = reply.next();
  const [mu, mr, du, dr, ou, or] = [reply.next(), reply.next(), reply.next(), reply.next(), reply.next(), reply.next()];
  return { at, used: { minute: mu, day: du, month: ou }, refused: { minute: mr, day: dr, month: or } };
}
