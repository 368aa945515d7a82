import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sharedCounter } from '../../test/counters.ts';
import { type TestLedger, testLedger } from '../../test/ledger.ts';
import { type TestRedis, testRedis } from '../../test/redis.ts';
import { createLog } from '../kernel/log.ts';
import { connectRedis, disconnectRedis, type RedisClient } from '../kernel/redis.ts';
import { counterContract } from './counter.contract.ts';

const log = createLog('silent');

let books: TestLedger;
beforeAll(async () => {
  books = await testLedger();
});
afterAll(() => books.close());

counterContract('in Redis', async () => {
  const redis = await testRedis();
  const { seeds, ledger, close } = await testLedger();
  const client = await connectRedis({ urls: [redis.url], log });
  return {
    open: () => sharedCounter({ redis: client, seeds, ledger }),
    async close() {
      disconnectRedis(client);
      await Promise.all([redis.stop(), close()]);
    },
  };
});

const limits = { minute: null, day: 60, month: null };
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
    const counters = [sharedCounter({ redis: first(), ...books }), sharedCounter({ redis: second(), ...books })];
    const decisions = await Promise.all(
      counters.flatMap((counter) => Array.from({ length: 100 }, () => counter.take(callOf('ws_shared')))),
    );
    expect(decisions.filter(({ admitted }) => admitted)).toHaveLength(60);
  });

  it('ask once for all calls of a turn', async () => {
    const counter = sharedCounter({ redis: first(), ...books });
    const calls = Array.from({ length: 200 }, (_, index) => callOf(`ws_turn_${index % 7}`));
    await Promise.all(calls.map((call) => counter.take(call)));
    const scripts = async () => Number(/cmdstat_evalsha:calls=(\d+)/.exec(await first().info('commandstats'))?.[1]);
    const before = await scripts();
    await Promise.all(calls.map((call) => counter.take(call)));
    expect((await scripts()) - before).toBe(1);
  });

  it('zero what the clock of Redis has left behind, and keep what it has not', async () => {
    const counter = sharedCounter({ redis: first(), ...books });
    const { at, workspace } = await counter.read('ws_old', []);
    const call = { ...callOf('ws_old'), planLimits: { minute: 60, day: 1_000, month: null } };
    // mu mr du dr ou or, see take.lua
    const put = (minute: number) =>
      first().hset('gatekey:{ws_old}', 'w', Buffer.from(new Float64Array([minute, 60, 1, 900, 2, 5_000, 3]).buffer));
    await put(workspace.minute.startsAt);
    expect((await counter.take(call)).admitted).toBe(false);
    const lastMinute = workspace.minute.startsAt - 60_000;
    await put(lastMinute);
    const states = (await counter.take(call)).states;
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

  it('send what one call does not hold in further ones of the same turn, in order', async () => {
    const counter = sharedCounter({ redis: first(), ...books });
    const call = { ...callOf('ws_long'), planLimits: { minute: null, day: 600, month: null } };
    await counter.read(call.workspaceId, [call.keyId]);
    const decisions = await Promise.all(Array.from({ length: 1_000 }, () => counter.take(call)));
    expect(decisions.map(({ admitted }) => admitted)).toEqual(Array.from({ length: 1_000 }, (_, turn) => turn < 600));
  });

  it('let hashes go when their month is long over', async () => {
    await sharedCounter({ redis: first(), ...books }).take(callOf('ws_life'));
    const days = (await first().pttl('gatekey:{ws_life}')) / 86_400_000;
    expect(days).toBeGreaterThan(39);
    expect(days).toBeLessThanOrEqual(40);
  });

  it('go on when Redis has forgotten the script', async () => {
    const counter = sharedCounter({ redis: first(), ...books });
    await counter.take(callOf('ws_flush'));
    await first().script('FLUSH');
    expect((await counter.take(callOf('ws_flush'))).states[0]?.used).toBe(2);
  });
});
