/** The product as it is measured: a server with its stores and with keys to call it. */
import { makeKeys } from './keys.ts';
import { type RunningServer, type RunningStore, startPostgres, startRedis, startServer } from './processes.ts';

/** A server of the product with keys, and its stores. */
export interface Product {
  readonly server: RunningServer;
  readonly postgres: RunningStore;
  readonly redis: RunningStore | undefined;
  readonly secrets: readonly string[];
  readonly workspaceIds: readonly string[];
}

const keyCount = 1_000;

/** Starts it. @param keys  in the database; 1,000 of them are called @param env  further settings */
export async function startProduct({
  withRedis,
  keys = keyCount,
  env = {},
}: {
  withRedis: boolean;
  keys?: number;
  env?: Readonly<Record<string, string>>;
}): Promise<Product> {
  const postgres = await startPostgres();
  const redis = withRedis ? await startRedis() : undefined;
  const server = await startServer('gatekey', {
    env: {
      PORT: '0',
      DATABASE_URL: postgres.url,
      AUTH_SECRET: 'Xq3vL9sT0bRk7WnZ2mYc5HdJ8fGp4AeU',
      ...(redis === undefined ? {} : { REDIS_URL: redis.url }),
      ...env,
    },
  });
  const made = await makeKeys(postgres.url, keys);
  const used = made.slice(0, keyCount);
  const [secrets, workspaceIds] = [used.map(({ secret }) => secret), used.map(({ workspaceId }) => workspaceId)];
  return { server, postgres, redis, secrets, workspaceIds };
}

/** The processes whose time counts. */
export const pidsOf = ({ server, postgres, redis }: Product) => [
  server.pid,
  postgres.pid,
  ...(redis ? [redis.pid] : []),
];
