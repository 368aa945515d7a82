/** The counter on a Redis, as a server has it. */
import { randomUUID } from 'node:crypto';
import { systemClock } from '../src/kernel/clock.ts';
import { createLog } from '../src/kernel/log.ts';
import type { RedisClient } from '../src/kernel/redis.ts';
import { createBook } from '../src/metering/book.ts';
import { createLocalCounter } from '../src/metering/counter.local.ts';
import { createRedisCounter } from '../src/metering/counter.redis.ts';
import { createSteadyCounter, type OnLoss, type SteadyCounter } from '../src/metering/counter.steady.ts';
import type { Ledger } from '../src/metering/ledger.ts';
import type { Seeds } from '../src/metering/seeds.ts';

interface Needs {
  readonly redis: RedisClient;
  readonly seeds: Seeds;
  readonly ledger: Ledger;
  readonly onLoss?: OnLoss;
  /** The ledger's, unless nothing is counted apart. */
  readonly writer?: string;
}

/** Opens one; each is as another server. */
export function sharedCounter({
  redis,
  seeds,
  ledger,
  onLoss = 'closed',
  writer = randomUUID(),
}: Needs): SteadyCounter {
  const book = createBook();
  const shared = createRedisCounter({ redis, seeds, writer, onHeard: book.learn });
  const clock = { now: () => Math.floor(shared.now() ?? systemClock.now()) };
  const local = createLocalCounter({ clock, seeds, book });
  return createSteadyCounter({ shared, local, book, ledger, onLoss, clock, log: createLog('silent') });
}
