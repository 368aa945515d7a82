/** What servers promise of counts while Redis is away, and after: contract section 6. */
import { setTimeout as pause } from 'node:timers/promises';
import { type Limits, noLimits } from '@gatekey/shared';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { sharedCounter } from '../../test/counters.ts';
import { cuttingProxy } from '../../test/cutting-proxy.ts';
import { type TestLedger, testLedger } from '../../test/ledger.ts';
import { type TestRedis, testRedis } from '../../test/redis.ts';
import { systemClock } from '../kernel/clock.ts';
import { createLog } from '../kernel/log.ts';
import { connectRedis, disconnectRedis, type RedisClient } from '../kernel/redis.ts';
import type { Soon } from '../kernel/soon.ts';
import type { OnLoss } from './counter.steady.ts';
import { type CountedCall, StoreAway, type Taken } from './counter.ts';
import type { Ledger } from './ledger.ts';
import { createMeter } from './meter.ts';
import { createSeeds } from './seeds.ts';

const log = createLog('silent');

let redis: TestRedis;
let books: TestLedger;
let ends: (() => Promise<void>)[] = [];
beforeEach(async () => {
  [redis, books] = await Promise.all([testRedis(), testLedger()]);
});
afterEach(async () => {
  for (const end of ends) await end();
  ends = [];
  await redis.stop();
  await books.close();
});

/** A server: a meter on the Redis and the ledger of the test. */
async function open(ledger: Ledger, onLoss: OnLoss = 'local', url = redis.url) {
  const client: RedisClient = await connectRedis({ urls: [url], log });
  // Other servers are given the time to write what they counted, as they are in life.
  const seeds = createSeeds({ ledger, settleMs: 600 });
  const counter = sharedCounter({ redis: client, seeds, ledger, onLoss });
  const meter = createMeter({ counter, ledger, clock: systemClock, onCounted: () => {} });
  ends.push(async () => {
    await meter.close();
    await counter.close();
    disconnectRedis(client);
  });
  return { counter, meter, client };
}
type Server = Awaited<ReturnType<typeof open>>;
const openTwo = async (onLoss?: OnLoss) =>
  [await open(books.ledger, onLoss), await open(books.another(), onLoss)] as const;

const callOn = (limits: Partial<Limits>): CountedCall => ({
  workspaceId: 'ws_1',
  keyId: 'key_1',
  planLimits: { ...noLimits, ...limits },
  keyLimits: noLimits,
});
const times = async (count: number, take: () => Soon<Taken>) => {
  const all: Taken[] = [];
  for (let calls = 0; calls < count; calls++) all.push(await take());
  return all;
};
const admittedOf = (all: readonly Taken[]) => all.filter(({ admitted }) => admitted).length;
const isBack = (...servers: Server[]) =>
  expect.poll(() => servers.some(({ counter }) => counter.isAway()), { timeout: 3_000, interval: 20 }).toBe(false);
/** Used and refused, of the workspace and of the key, as a server reads them and as the ledger has them. */
const standing = async ({ meter }: Server, { workspaceId, keyId }: CountedCall) => {
  const { workspace, keys } = await meter.read(workspaceId, [keyId]);
  return [workspace.month, keys.get(keyId)?.month].map((month) => [month?.used, month?.refused]);
};
const booked = async ({ workspaceId, keyId }: CountedCall) => {
  await books.flushAll();
  const { workspace, keys } = await books.ledger.totals(workspaceId, Date.now());
  return [workspace, keys.get(keyId)].map((counts) => [counts?.used.month, counts?.refused.month]);
};

describe('while Redis does not answer, with ON_REDIS_LOSS=local', () => {
  it('each server goes on where the counts were, and holds the limit by itself', async () => {
    const [one, other] = await openTwo();
    const call = callOn({ day: 10 });
    await times(6, () => one.meter.take(call));
    redis.pause();
    expect(admittedOf(await times(9, () => one.meter.take(call)))).toBe(4);
    // It has not heard of this key from Redis, but the ledger has.
    await books.flushAll();
    expect(admittedOf(await times(9, () => other.meter.take(call)))).toBe(0);
    redis.resume();
    await isBack(one, other);
  });

  it.each([
    ['was frozen and counted late what it had not answered', async () => redis.pause(), async () => redis.resume()],
    ['was killed and came back empty', () => redis.kill(), () => redis.restart()],
  ])('every call is in the shared counts once, when Redis %s', async (_case, away, back) => {
    const [one, other] = await openTwo();
    const call = callOn({ day: 1_000 });
    await times(3, () => one.meter.take(call));
    await times(3, () => other.meter.take(call));
    await away();
    await Promise.all([one, other].map(({ meter }) => Promise.all(Array.from({ length: 20 }, () => meter.take(call)))));
    one.meter.refuse(call, 'ip_not_allowed');
    await times(5, () => one.meter.take(call));
    // What it knows by itself: what it had heard of the other server, and all of its own.
    const [ofWorkspace, ofKey] = await standing(one, call);
    expect(ofKey).toEqual(ofWorkspace);
    expect(ofKey?.[0]).toBeGreaterThanOrEqual(28);
    expect(ofKey?.[0]).toBeLessThanOrEqual(53);
    expect(ofKey?.[1]).toBe(1);
    await back();
    await isBack(one, other);
    await Promise.all([one, other].map(({ meter }) => meter.take(call)));
    const all = [
      [53, 1],
      [53, 1],
    ];
    expect(await booked(call)).toEqual(all);
    // What was still being decided when it came back is added a second later.
    await expect.poll(() => standing(other, call), { timeout: 3_000 }).toEqual(all);
    expect(await standing(one, call)).toEqual(all);
  });

  it('a limit that was spent meanwhile is spent for all when Redis is back', async () => {
    const [one, other] = await openTwo();
    const call = callOn({ day: 10 });
    await times(2, () => one.meter.take(call));
    redis.pause();
    expect(admittedOf(await times(12, () => one.meter.take(call)))).toBe(8);
    redis.resume();
    await isBack(one, other);
    expect((await other.meter.take(call)).admitted).toBe(false);
  });

  it('known keys pass though PostgreSQL is away too, and are counted when both are back', async () => {
    const { meter, counter, client: _client } = await open(books.ledger);
    const server = { meter, counter, client: _client };
    const call = callOn({ day: 5 });
    await meter.take(call);
    redis.pause();
    await books.cutOff();
    expect(admittedOf(await times(6, () => meter.take(call)))).toBe(4);
    redis.resume();
    await isBack(server);
    await books.letBack();
    await expect
      .poll(() => standing(server, call), { timeout: 5_000 })
      .toEqual([
        [5, 2],
        [5, 2],
      ]);
  });

  it('what a server that is gone counted is added by those that start after it', async () => {
    const dead = await open(books.ledger);
    const call = callOn({ day: 100 });
    await dead.meter.take(call);
    disconnectRedis(dead.client);
    await times(7, () => dead.meter.take(call));
    await books.flushAll();
    await dead.counter.close();
    const next = await open(books.another());
    await expect
      .poll(() => standing(next, call), { timeout: 3_000 })
      .toEqual([
        [8, 0],
        [8, 0],
      ]);
  });
});

describe('while Redis does not answer', () => {
  it('ON_REDIS_LOSS=closed lets nobody pass, and nothing of it is counted in the end', async () => {
    const server = await open(books.ledger, 'closed');
    const call = callOn({ day: 10 });
    await server.meter.take(call);
    redis.pause();
    for (let calls = 0; calls < 3; calls++) await expect(server.meter.take(call)).rejects.toThrow(StoreAway);
    redis.resume();
    await isBack(server);
    expect(await standing(server, call)).toEqual([
      [1, 0],
      [1, 0],
    ]);
  });

  it('ON_REDIS_LOSS=open lets everybody pass, and counts it', async () => {
    const server = await open(books.ledger, 'open');
    const call = callOn({ day: 3 });
    await server.meter.take(call);
    redis.pause();
    const passed = await times(5, () => server.meter.take(call));
    expect(admittedOf(passed)).toBe(5);
    expect(passed.map(({ states }) => states[0]?.remaining)).toEqual([1, 0, 0, 0, 0]);
    redis.resume();
    await isBack(server);
    expect(await standing(server, call)).toEqual([
      [6, 0],
      [6, 0],
    ]);
    expect((await server.meter.take(call)).admitted).toBe(false);
  });

  it('callers wait for it once, and not again until it is back', async () => {
    const server = await open(books.ledger, 'closed');
    const call = callOn({ day: 10 });
    await server.meter.take(call);
    redis.pause();
    const refusedIn = async (calls: number) => {
      const from = performance.now();
      for (let left = calls; left > 0; left--) await expect(server.meter.take(call)).rejects.toThrow(StoreAway);
      return performance.now() - from;
    };
    // The first waits for an answer, 100 ms or what a busy machine makes of it.
    const waitMs = await refusedIn(1);
    expect(await refusedIn(100)).toBeLessThan(10 * waitMs);
    redis.resume();
    await isBack(server);
  });
});

describe('a call whose answer was lost on the way', () => {
  it('is counted once, whichever answers get lost after it', async () => {
    const proxy = await cuttingProxy(redis.url);
    const server = await open(books.ledger, 'local', proxy.url);
    const call = callOn({ day: 100 });
    await server.meter.take(call);
    // The answer of the call; then of the question what became of it, too.
    for (const cuts of [1, 2, 3]) {
      proxy.cutAnswers(cuts);
      expect((await server.meter.take(call)).isApart).toBe(true);
      await isBack(server);
    }
    expect(await standing(server, call)).toEqual([
      [4, 0],
      [4, 0],
    ]);
    for (const end of ends.splice(0)) await end();
    await proxy.stop();
  });

  it('does not keep a server away when Redis goes again while the last of it is added', async () => {
    const server = await open(books.ledger);
    const call = callOn({ day: 100 });
    await server.meter.take(call);
    redis.pause();
    await server.meter.take(call);
    redis.resume();
    await isBack(server);
    // That happens a second later, and there is nothing to see of it from outside.
    await pause(900);
    redis.pause();
    await server.meter.take(call);
    await expect.poll(() => server.client.status, { timeout: 5_000 }).not.toBe('ready');
    redis.resume();
    await isBack(server);
    await expect
      .poll(() => standing(server, call), { timeout: 3_000 })
      .toEqual([
        [3, 0],
        [3, 0],
      ]);
  });
});

describe('a caller whose limit is spent', () => {
  /** Script calls that Redis has run. */
  const scripts = async ({ client }: Server) =>
    Number(/cmdstat_evalsha:calls=(\d+)/.exec(await client.info('commandstats'))?.[1]);

  it('is refused without asking Redis, and each refusal is counted', async () => {
    const [one, other] = await openTwo();
    const call = callOn({ day: 2 });
    await times(3, () => one.meter.take(call));
    const before = await scripts(one);
    const refused = await Promise.all(Array.from({ length: 500 }, () => one.meter.take(call)));
    expect(admittedOf(refused)).toBe(0);
    expect(new Set(refused.map(({ exhausted }) => exhausted?.window))).toEqual(new Set(['day']));
    await expect
      .poll(() => standing(other, call))
      .toEqual([
        [2, 501],
        [2, 501],
      ]);
    // One call for what was gathered, and those that read.
    expect((await scripts(one)) - before).toBeLessThan(20);
    expect(await booked(call)).toEqual([
      [2, 501],
      [2, 501],
    ]);
  });

  it('passes at once when the limit is raised', async () => {
    const server = await open(books.ledger);
    await times(3, () => server.meter.take(callOn({ day: 2 })));
    expect((await server.meter.take(callOn({ day: 3 }))).admitted).toBe(true);
  });

  it('of a key does not keep other keys of the workspace from passing', async () => {
    const server = await open(books.ledger);
    const spent = { ...callOn({ day: 10 }), keyLimits: { ...noLimits, day: 1 } };
    const sibling = { ...callOn({ day: 10 }), keyId: 'key_2' };
    await times(3, () => server.meter.take(spent));
    expect(admittedOf(await times(12, () => server.meter.take(sibling)))).toBe(9);
    const { states } = await server.meter.take(spent);
    expect(states.map(({ subject, remaining }) => [subject, remaining])).toEqual([
      ['workspace', 0],
      ['key', 0],
    ]);
  });
});
