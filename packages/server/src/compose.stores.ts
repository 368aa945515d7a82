/** The half of compose that picks stores: which PostgreSQL, and Redis or this process's own memory. */
import type { Config } from './config.ts';
import { createLocalBus } from './events/bus.local.ts';
import { createRedisBus } from './events/bus.redis.ts';
import type { Bus } from './events/bus.ts';
import type { Dependency } from './health.ts';
import type { Clock } from './kernel/clock.ts';
import { startEmbeddedDatabase } from './kernel/database.embedded.ts';
import { migrate } from './kernel/database.migrate.ts';
import { createDatabase, createPool, type Database, type Pool } from './kernel/database.ts';
import type { Lifecycle } from './kernel/lifecycle.ts';
import type { Log } from './kernel/log.ts';
import { connectRedis, connectSubscriber, disconnectRedis, pingRedis } from './kernel/redis.ts';
import { createBook } from './metering/book.ts';
import { createLocalCounter } from './metering/counter.local.ts';
import { createRedisCounter } from './metering/counter.redis.ts';
import { createSteadyCounter } from './metering/counter.steady.ts';
import type { Counter } from './metering/counter.ts';
import { type Ledger, ledgerSettleMs } from './metering/ledger.ts';
import { createSeeds } from './metering/seeds.ts';
import { createLocalRequestLog } from './requests/request-log.local.ts';
import { createRedisRequestLog } from './requests/request-log.redis.ts';
import type { RequestLog } from './requests/request-log.ts';

export interface Databases {
  /** Of the given PostgreSQL, or the embedded one. */
  readonly url: string;
  readonly database: Database;
  /** The connections of that client. */
  readonly pool: Pool;
  /** For what calls wait for: the look-up of their key, and the ledger. Others cannot take its connections. */
  readonly hotPool: Pool;
  /** Settles with the reason when the database has ended by itself; only the embedded one is known to. */
  readonly broken: Promise<string>;
  readonly ping: () => Promise<unknown>;
}

const connections = 15;
const hotConnections = 5;

/** Opens PostgreSQL, given or embedded, and brings its tables up to date. @throws StartRefused */
export async function openDatabase(config: Config, log: Log, lifecycle: Lifecycle): Promise<Databases> {
  let url = config.databaseUrl;
  let broken = new Promise<string>(() => {});
  if (url === undefined) {
    const starting = startEmbeddedDatabase({ dataDir: config.dataDir, log });
    // Known to the lifecycle before it is up: a start that is called off must not leave it running.
    // One that did not come up has said so to whoever awaits it, and has nothing to stop.
    lifecycle.onStop('embedded database', () =>
      starting.then(
        (embedded) => embedded.stop(),
        () => undefined,
      ),
    );
    const embedded = await starting;
    url = embedded.url;
    broken = embedded.broken;
  }
  await migrate({ url, log });
  const pool = createPool({ url, log, connections });
  const database = createDatabase(pool);
  const hotPool = createPool({ url, log, connections: hotConnections });
  lifecycle.onStop('database', () => Promise.all([database.$disconnect(), hotPool.end()]));
  return { url, database, pool, hotPool, broken, ping: () => database.$queryRaw`select 1` };
}

export interface Stores {
  readonly bus: Bus;
  readonly counter: Counter;
  /** @param onWritten  is told when entries of a workspace can be read */
  readonly openRequestLog: (onWritten: (workspaceId: string) => void) => RequestLog;
  readonly dependencies: Readonly<Record<string, Dependency>>;
}

interface StoresNeed {
  readonly ledger: Ledger;
  readonly writer: string;
  readonly log: Log;
  readonly lifecycle: Lifecycle;
  readonly clock: Clock;
}

/** Opens what servers share: Redis, or in its place what one server has in its own memory. */
export async function openStores(
  config: Config,
  { ledger, writer, log, lifecycle, clock }: StoresNeed,
): Promise<Stores> {
  const urls = config.redisUrls;
  const seeds = createSeeds({ ledger, settleMs: 0 });
  if (urls.length === 0) {
    const counter = createLocalCounter({ clock, seeds });
    const openRequestLog = (onWritten: (workspaceId: string) => void) => createLocalRequestLog({ onWritten });
    return { bus: createLocalBus({ log }), counter, openRequestLog, dependencies: {} };
  }
  const [redis, subscriber] = await Promise.all([connectRedis({ urls, log }), connectSubscriber({ urls, log })]);
  lifecycle.onStop('redis', () => {
    disconnectRedis(redis);
    disconnectRedis(subscriber);
  });
  const bus = createRedisBus({ redis, subscriber, log });
  lifecycle.onStop('bus', () => bus.close());
  const settled = createSeeds({ ledger, settleMs: ledgerSettleMs });
  const book = createBook();
  const shared = createRedisCounter({ redis, seeds: settled, writer, onHeard: book.learn });
  const storeClock = { now: () => Math.floor(shared.now() ?? clock.now()) };
  const local = createLocalCounter({ clock: storeClock, seeds, book });
  const counter = createSteadyCounter({ shared, local, book, ledger, onLoss: config.onRedisLoss, clock, log });
  lifecycle.onStop('counter', () => counter.close());
  const isNeeded = config.onRedisLoss === 'closed';
  const dependency = { ask: () => pingRedis(redis), isNeeded, answeredWithout: counter.decidedAway };
  return {
    bus,
    counter,
    openRequestLog: (onWritten) => createRedisRequestLog({ redis, onWritten }),
    dependencies: { redis: dependency },
  };
}
