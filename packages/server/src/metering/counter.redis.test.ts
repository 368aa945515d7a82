import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type TestLedger, testLedger } from '../../test/ledger.ts';
import { type TestRedis, testRedis } from '../../test/redis.ts';
import { createLog } from '../kernel/log.ts';
import { connectRedis, disconnectRedis, type RedisClient } from '../kernel/redis.ts';
import { counterContract } from './counter.contract.ts';
import { createRedisCounter } from './counter.redis.ts';
import { CounterUnavailable } from './counter.ts';

const log = createLog('silent');

let books: TestLedger;
beforeAll(async () => {
  books = await testLedger();
});
afterAll(() => books.close());

counterContract('in Redis', async () => {
  const redis = await testRedis();
  const { seeds, close } = await testLedger();
  const client = await connectRedis({ urls: [redis.url], log });
  return {
    open: () => createRedisCounter({ redis: client, seeds }),
    async close() {
      disconnectRedis(client);
      await Promise.all([redis.stop(), close()]);
    },
  };
});

const limits = { minute: 60, day: 1_000, month: null };
const none = { minute: null, day: null, month: null };
const callOf = (workspaceId: string) => ({
  workspaceId,
  keyId: `${workspaceId}-key`,
  planLimits: limits,
  keyLimits: none,
});

describe('counters of several servers on one Redis', () => {
  let redis: TestRedis;
  const clients: RedisClient[] = [];
  beforeAll(async () => {
    redis = await testRedis();
    for (let server = 0; server < 2; server++) clients.push(await connectRedis({ urls: [redis.url], log }));
  });
  afterAll(async () => {
    for (const client of clients) disconnectRedis(client);
    await redis.stop();
  });
  const [first, second] = [0, 1].map((server) => () => {
    const client = clients[server];
    if (client === undefined) throw new Error('no client');
    return client;
  });
  if (first === undefined || second === undefined) throw new Error('two servers');

  it('together admit exactly 60 of 2 x 100 parallel calls', async () => {
    const counters = [
      createRedisCounter({ redis: first(), seeds: books.seeds }),
      createRedisCounter({ redis: second(), seeds: books.seeds }),
    ];
    const decisions = await Promise.all(
      counters.flatMap((counter) => Array.from({ length: 100 }, () => counter.take(callOf('ws_shared')))),
    );
    expect(decisions.filter(({ admitted }) => admitted)).toHaveLength(60);
  });

  it('ask once for all calls of a turn', async () => {
    const counter = createRedisCounter({ redis: first(), seeds: books.seeds });
    const calls = Array.from({ length: 200 }, (_, index) => callOf(`ws_turn_${index % 7}`));
    await Promise.all(calls.map((call) => counter.take(call)));
    const scripts = async () => Number(/cmdstat_evalsha:calls=(\d+)/.exec(await first().info('commandstats'))?.[1]);
    const before = await scripts();
    await Promise.all(calls.map((call) => counter.take(call)));
    expect((await scripts()) - before).toBe(1);
  });

  it('zero what the clock of Redis has left behind, and keep what it has not', async () => {
    const counter = createRedisCounter({ redis: first(), seeds: books.seeds });
    const { at, workspace } = await counter.read('ws_old', []);
    const counts = { mu: 60, mr: 1, du: 900, dr: 2, ou: 5_000, or: 3 };
    const put = (minute: number) => first().hset('gatekey:{ws_old}', { at: minute, ...counts });
    await put(workspace.minute.startsAt);
    expect((await counter.take(callOf('ws_old'))).admitted).toBe(false);
    const lastMinute = workspace.minute.startsAt - 60_000;
    await put(lastMinute);
    const states = (await counter.take(callOf('ws_old'))).states;
    const isSameDay = lastMinute >= workspace.day.startsAt;
    expect(states.map(({ window, used }) => [window, used])).toEqual([
      ['minute', 1],
      ['day', isSameDay ? 901 : 1],
    ]);
    await put(workspace.month.startsAt - 60_000);
    const { workspace: fresh } = await counter.read('ws_old', []);
    expect([fresh.minute.used, fresh.day.used, fresh.month.used]).toEqual([0, 0, 0]);
    await put(workspace.month.startsAt);
    expect((await counter.read('ws_old', [])).workspace.month.used).toBe(5_000);
    expect(Math.abs(at - Date.now())).toBeLessThan(60_000);
  });

  it('let hashes go when their month is long over', async () => {
    await createRedisCounter({ redis: first(), seeds: books.seeds }).take(callOf('ws_life'));
    const days = (await first().pttl('gatekey:{ws_life}')) / 86_400_000;
    expect(days).toBeGreaterThan(39);
    expect(days).toBeLessThanOrEqual(40);
  });

  it('go on when Redis has forgotten the script', async () => {
    const counter = createRedisCounter({ redis: first(), seeds: books.seeds });
    await counter.take(callOf('ws_flush'));
    await first().script('FLUSH');
    expect((await counter.take(callOf('ws_flush'))).states[0]?.used).toBe(2);
  });
});

describe('a counter whose Redis', () => {
  const call = callOf('ws_fault');
  const open = async () => {
    const redis = await testRedis();
    const client = await connectRedis({ urls: [redis.url], log });
    const counter = createRedisCounter({ redis: client, seeds: books.seeds });
    const close = async () => {
      disconnectRedis(client);
      await redis.stop();
    };
    return { redis, counter, close };
  };
  const backAgain = async (take: () => Promise<unknown>) => {
    const startedAt = Date.now();
    while (Date.now() - startedAt < 3_000) {
      const isBack = await take().then(
        () => true,
        () => false,
      );
      if (isBack) return Date.now() - startedAt;
      await wait(20);
    }
    throw new Error('not back within 3 s');
  };

  it('is frozen says so soon, and is back by itself', async () => {
    const { redis, counter, close } = await open();
    await counter.take(call);
    redis.pause();
    const askedAt = Date.now();
    await expect(counter.take(call)).rejects.toThrow(CounterUnavailable);
    expect(Date.now() - askedAt).toBeLessThan(1_000);
    redis.resume();
    await backAgain(() => counter.peek(call));
    // The call that got no answer may have been counted once, and never twice.
    const used = (await counter.peek(call)).states[0]?.used;
    expect([1, 2]).toContain(used);
    await close();
  });

  it('was killed says so soon, and is back by itself', async () => {
    const { redis, counter, close } = await open();
    await counter.take(call);
    await redis.kill();
    const askedAt = Date.now();
    await expect(counter.take(call)).rejects.toThrow(CounterUnavailable);
    expect(Date.now() - askedAt).toBeLessThan(1_000);
    await redis.restart();
    await backAgain(() => counter.take(call));
    await close();
  });
});
