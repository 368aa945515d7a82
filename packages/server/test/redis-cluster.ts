/** A Redis Cluster of three nodes, of a test's own. */
import { setTimeout as pause } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { freePort, type TestRedis, testRedis } from './redis.ts';

export interface TestCluster {
  /** As `REDIS_URL` takes them. */
  readonly urls: readonly string[];
  readonly nodes: readonly TestRedis[];
  /** Settles when every node says that all slots are served. */
  whole(): Promise<void>;
  stop(): Promise<void>;
}

/** Slots of the three nodes, which share them evenly. */
const slots = [
  [0, 5_460],
  [5_461, 10_922],
  [10_923, 16_383],
] as const;

/** Starts it and waits until it serves. */
export async function testCluster(): Promise<TestCluster> {
  const busPorts = await Promise.all(slots.map(() => freePort()));
  const nodes = await Promise.all(
    busPorts.map((busPort) =>
      testRedis({ 'cluster-enabled': 'yes', 'cluster-port': busPort, 'cluster-node-timeout': 1_000 }),
    ),
  );
  const urls = nodes.map(({ url }) => url);
  const onEach = async <T>(ask: (client: Redis, index: number) => Promise<T>): Promise<T[]> => {
    const clients = urls.map((url) => new Redis(url));
    try {
      return await Promise.all(clients.map(ask));
    } finally {
      for (const client of clients) client.disconnect();
    }
  };
  const [first] = nodes;
  await onEach(async (client, index) => {
    await client.call('CLUSTER', 'ADDSLOTSRANGE', ...(slots[index] ?? []));
    const { hostname, port } = new URL(first?.url ?? '');
    if (index > 0) await client.call('CLUSTER', 'MEET', hostname, port, busPorts[0] ?? 0);
  });
  const whole = async () => {
    // No message tells it; a cluster takes a second or two to agree.
    for (let asked = 0; asked < 300; asked += 1) {
      const states = await onEach((client) => client.cluster('INFO'));
      if (states.every((state) => /cluster_state:ok/.test(state) && /cluster_slots_ok:16384/.test(state))) return;
      await pause(50);
    }
    throw new Error('the cluster does not agree');
  };
  await whole();
  return {
    urls,
    nodes,
    whole,
    async stop() {
      for (const node of nodes) await node.stop();
    },
  };
}
