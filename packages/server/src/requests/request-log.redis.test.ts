import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type TestRedis, testRedis } from '../../test/redis.ts';
import { testCluster } from '../../test/redis-cluster.ts';
import { createLog } from '../kernel/log.ts';
import { connectRedis, disconnectRedis, type RedisClient } from '../kernel/redis.ts';
import { entry, idsOf, requestLogContract, whole } from './request-log.contract.ts';
import { createRedisRequestLog } from './request-log.redis.ts';
import { LogAway } from './request-log.ts';

const connect = (urls: readonly string[]) => connectRedis({ urls, log: createLog('silent') });

for (const [name, start] of [
  ['in Redis', async () => testRedis().then((redis) => ({ urls: [redis.url], stop: redis.stop }))],
  ['in a Redis Cluster', testCluster],
] as const) {
  requestLogContract(name, async () => {
    const store = await start();
    const clients = await Promise.all([connect(store.urls), connect(store.urls)]);
    const written: string[] = [];
    const [log, other] = clients.map((redis) =>
      createRedisRequestLog({ redis, onWritten: (workspaceId) => written.push(workspaceId) }),
    );
    if (log === undefined || other === undefined) throw new Error('two logs');
    return {
      ...{ log, other, written },
      async close() {
        await Promise.all([log.close(), other.close()]);
        clients.forEach(disconnectRedis);
        await store.stop();
      },
    };
  });
}

describe('a request log whose Redis', () => {
  let redis: TestRedis;
  let client: RedisClient;
  const open = () => createRedisRequestLog({ redis: client, onWritten: () => {} });
  beforeAll(async () => {
    redis = await testRedis();
    client = await connect([redis.url]);
  });
  afterAll(async () => {
    disconnectRedis(client);
    await redis.stop();
  });

  it('is flooded keeps the newest on their way, and counts the others as dropped', async () => {
    const log = open();
    for (let n = 1; n <= 5_000; n++) log.note('ws_flood', entry(`req_${n}`));
    expect(log.dropped()).toBe(3_000);
    const kept = await whole(log, 'ws_flood', 'req_5000');
    expect(idsOf(kept).slice(0, 2)).toEqual(['req_5000', 'req_4999']);
    expect((await log.newest('ws_flood', 0, 1)).total).toBe(2_000);
    await log.close();
  });

  it('lets a log go a day after its last entry', async () => {
    const log = open();
    log.note('ws_day', entry('req_1'));
    await whole(log, 'ws_day', 'req_1');
    const [hours] = [Number(await client.pttl('gatekey:{ws_day}:requests')) / 3_600_000];
    expect(hours).toBeGreaterThan(23.9);
    expect(hours).toBeLessThanOrEqual(24);
    await log.close();
  });

  it('holds what it does not understand leaves that out', async () => {
    const log = open();
    await client.xadd('gatekey:{ws_odd}:requests', '*', 'e', '["of another version"]');
    log.note('ws_odd', entry('req_1'));
    expect(idsOf(await whole(log, 'ws_odd', 'req_1'))).toEqual(['req_1']);
    await log.close();
  });

  it('is silent, then gone, drops what comes meanwhile, says so to readers, and goes on when it is back', async () => {
    const log = open();
    redis.pause();
    log.note('ws_away', entry('req_silent'));
    await expect.poll(() => log.dropped()).toBe(1);
    await expect(log.page('ws_away', {}, 1)).rejects.toThrow(LogAway);
    redis.resume();
    await redis.kill();
    for (let n = 1; n <= 50; n++) log.note('ws_away', entry(`req_${n}`));
    await expect.poll(() => log.dropped()).toBe(51);
    await expect(log.newest('ws_away', 0, 1)).rejects.toThrow(LogAway);
    await redis.restart();
    await expect.poll(() => client.status).toBe('ready');
    log.note('ws_away', entry('req_back'));
    expect(idsOf(await whole(log, 'ws_away', 'req_back'))).toEqual(['req_back']);
    expect(log.dropped()).toBe(51);
    await log.close();
  });
});
