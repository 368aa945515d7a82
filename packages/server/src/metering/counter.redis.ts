/**
 * Counter in Redis: exact across servers, one script call for all that one turn of the event loop asks.
 *
 *   take, take, peek, refuse … of one turn -> take.lua -> a decision each
 *
 * Every step is one script, so whatever runs at the same time, on this server or another, sees each call counted
 * whole or not at all. The clock is Redis's own.
 * A call that gets no answer in time is rejected with CounterUnavailable and never sent again: it may have been counted.
 * In a cluster the hashes of a workspace lie on one slot, and each workspace has a script call of its own.
 */
import { readFileSync } from 'node:fs';
import type { Limits } from '@gatekey/shared';
import { createScript, type RedisClient, runScript } from '../kernel/redis.ts';
import { type CountedCall, type Counter, CounterUnavailable, type SubjectCounts, type Taken } from './counter.ts';
import { currentCounts, takenFrom, type Used } from './taken.ts';

const takeScript = createScript(readFileSync(new URL('./take.lua', import.meta.url), 'utf8'));
const readScript = createScript(readFileSync(new URL('./read.lua', import.meta.url), 'utf8'));

/** Decisions in one script call: what Redis does within some 2 ms, in which it serves nobody else. */
const mostPerCall = 256;
/** Waiting for the end of the turn; past it new calls are refused as unavailable rather than kept. */
const mostWaiting = 20_000;

const operations = { take: 0, peek: 1, refuse: 2 } as const;

interface Item {
  readonly operation: keyof typeof operations;
  readonly call: CountedCall;
  readonly resolve: (taken: Taken) => void;
  readonly reject: (error: CounterUnavailable) => void;
}

/** A counter on a Redis or a Redis Cluster. */
export function createRedisCounter({ redis }: { redis: RedisClient }): Counter {
  let waiting: Item[] = [];
  const inFlight = new Set<Promise<void>>();

  const send = (items: readonly Item[]) => {
    const work = decide(redis, items).finally(() => inFlight.delete(work));
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
    async read(workspaceId, keyIds) {
      const reply = createReader(
        await answerOf(
          redis,
          readScript,
          [workspaceKey(workspaceId), ...keyIds.map((id) => keyKey(workspaceId, id))],
          [],
        ),
      );
      const at = reply.next();
      const workspace = readCounts(reply, at);
      const keys = new Map<string, SubjectCounts>();
      for (const keyId of keyIds) keys.set(keyId, readCounts(reply, at));
      return { at, workspace, keys };
    },
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
async function decide(redis: RedisClient, items: readonly Item[]): Promise<void> {
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
    const reply = createReader(await answerOf(redis, takeScript, keys, values));
    const at = reply.next();
    for (const { call, resolve } of items) {
      const admitted = reply.next() === 1;
      resolve(takenFrom(call, at, admitted, readUsed(reply), readUsed(reply)));
    }
  } catch (error) {
    const unavailable =
      error instanceof CounterUnavailable ? error : new CounterUnavailable('unreadable', { cause: error });
    for (const { reject } of items) reject(unavailable);
  }
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

function readCounts(reply: Reader, at: number): SubjectCounts {
  const storedAt = reply.next();
  const [mu, mr, du, dr, ou, or] = [reply.next(), reply.next(), reply.next(), reply.next(), reply.next(), reply.next()];
  const stored = {
    at: storedAt,
    used: { minute: mu, day: du, month: ou },
    refused: { minute: mr, day: dr, month: or },
  };
  return currentCounts(stored, at);
}
