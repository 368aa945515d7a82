/** Counts, changes and live meters on a Redis Cluster of three nodes. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type TestApp, testApp } from '../../test/app.ts';
import { sharedCounter } from '../../test/counters.ts';
import { type TestDatabase, testDatabase } from '../../test/database.ts';
import { testLedger } from '../../test/ledger.ts';
import { type TestCluster, testCluster } from '../../test/redis-cluster.ts';
import { watchSocket } from '../../test/watch.ts';
import { createLog } from '../kernel/log.ts';
import { connectRedis, disconnectRedis } from '../kernel/redis.ts';
import { counterContract } from './counter.contract.ts';

counterContract('in a Redis Cluster', async () => {
  const cluster = await testCluster();
  const { seeds, ledger, close } = await testLedger();
  const client = await connectRedis({ urls: cluster.urls, log: createLog('silent') });
  return {
    open: () => sharedCounter({ redis: client, seeds, ledger }),
    async close() {
      disconnectRedis(client);
      await cluster.stop();
      await close();
    },
  };
});

describe('two servers on a Redis Cluster', () => {
  let cluster: TestCluster;
  let database: TestDatabase;
  let one: TestApp;
  let other: TestApp;
  beforeAll(async () => {
    [cluster, database] = await Promise.all([testCluster(), testDatabase()]);
    const env = { REDIS_URL: cluster.urls.join(',') };
    [one, other] = await Promise.all([
      testApp({ databaseUrl: database.url, env }),
      testApp({ databaseUrl: database.url, env }),
    ]);
  });
  afterAll(async () => {
    await Promise.all([one.stop(), other.stop()]);
    await cluster.stop();
    await database.drop();
  });

  it('admit exactly 60 of 200 calls between them, in each of ten workspaces on different nodes', async () => {
    for (let workspace = 0; workspace < 10; workspace++) {
      const { secret } = await (await one.signUp()).createKey({ limits: { day: 60 } });
      const calls = Array.from({ length: 200 }, (_, call) => (call % 2 === 0 ? one : other).call(secret));
      const admitted = (await Promise.all(calls)).filter(({ status }) => status === 200);
      expect(admitted).toHaveLength(60);
    }
  });

  it('show calls of the one to watchers of the other', async () => {
    const ada = await one.signUp();
    const { secret } = await ada.createKey();
    const watch = watchSocket(other.url, { cookie: ada.cookie }, 'subscription { usage { usage { day { used } } } }');
    const isUsed = (used: number) => (data: unknown) => JSON.stringify(data).includes(`"used":${used}`);
    await watch.until(isUsed(0));
    await one.call(secret);
    await watch.until(isUsed(1));
    await watch.close();
  });

  it('go on when a node is lost, and count all of it when it is back', async () => {
    const { secret } = await (await one.signUp()).createKey({ limits: { day: 100 } });
    const [lost] = cluster.nodes;
    if (lost === undefined) throw new Error('a node');
    for (let calls = 0; calls < 3; calls++) expect((await one.call(secret)).status).toBe(200);
    await lost.kill();
    for (let calls = 0; calls < 5; calls++) expect((await one.call(secret)).status).toBe(200);
    await lost.restart();
    await cluster.whole();
    const used = async () => (await (await other.call(secret, '/api/v1/limits')).json()).data.at(-1).used;
    await expect.poll(used, { timeout: 5_000 }).toBe(8);
  });
});
