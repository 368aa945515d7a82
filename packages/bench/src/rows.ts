/** Rows: what is held against what, and what it should come to. */
import { z } from 'zod';
import { capKey } from './keys.ts';
import { type Burst, type Bursts, measure, type Plan, type Ratio, ratio, type Subject } from './measure.ts';
import { memoryOf, type RunningServer, startPostgres, startRedis, startServer } from './processes.ts';
import { type Product, pidsOf, startProduct } from './product.ts';
import { atLeast, atMost, type Result } from './result.ts';
import { runFanout } from './rows-fanout.ts';
import { runGateway } from './rows-gateway.ts';

export interface Row {
  readonly name: string;
  readonly what: string;
  run(plan: Plan, tell: (line: string) => void): Promise<readonly Result[]>;
}

function guarded(name: string, product: Product, secrets = product.secrets, status = 200): Subject {
  const authorizations = secrets.map((secret) => `Bearer ${secret}`);
  const load = { url: product.server.url, path: '/api/v1/ping', header: 'Authorization', authorizations, status };
  return { name, load, pids: pidsOf(product) };
}

function bare(name: string, product: Product): Subject {
  // The same bytes come in, for nobody to read.
  const authorizations = product.secrets.map((secret) => `Bearer ${secret}`);
  const load = { url: product.server.url, path: '/bench/bare', header: 'Authorization', authorizations, status: 200 };
  return { name, load, pids: pidsOf(product) };
}

async function beside(
  subjects: readonly Subject[],
  plan: Plan,
  tell: (line: string) => void,
  judge: (of: (name: string, by: string, what: keyof Burst) => Ratio, bursts: Bursts) => readonly Result[],
): Promise<readonly Result[]> {
  const bursts = await measure(subjects, plan, tell);
  return judge((name, by, what) => ratio(bursts, name, by, what), bursts);
}

export const rows: readonly Row[] = [
  {
    name: 'redis',
    what: 'guarded ping, exact over Redis, by the same route unguarded in the same server',
    async run(plan, tell) {
      const product = await startProduct({ withRedis: true });
      return beside([bare('bare', product), guarded('guarded', product)], plan, tell, (of) => [
        atMost('CPU', of('guarded', 'bare', 'cpu'), 1.6),
        atLeast('requests/s', of('guarded', 'bare', 'perSecond'), 0.65),
      ]);
    },
  },
  {
    name: 'local',
    what: 'guarded ping with in-process counters, by the same route unguarded in the same server',
    async run(plan, tell) {
      const product = await startProduct({ withRedis: false });
      return beside([bare('bare', product), guarded('guarded', product)], plan, tell, (of) => [
        atMost('CPU', of('guarded', 'bare', 'cpu'), 1.3),
      ]);
    },
  },
  {
    name: 'limiters',
    what: 'rate-limiter-flexible (its union of three) and @fastify/rate-limit (one window), by ours over Redis',
    async run(plan, tell) {
      const [product, peers] = [await startProduct({ withRedis: true }), await startPeers()];
      const subjects = [
        guarded('ours', product),
        peer('flexible', peers, product.secrets),
        peer('fastify', peers, product.secrets),
      ];
      return beside(subjects, plan, tell, (of) => [
        atLeast('rate-limiter-flexible, CPU', of('flexible', 'ours', 'cpu'), 2.7),
        atLeast('@fastify/rate-limit, CPU', of('fastify', 'ours', 'cpu'), 1.5),
      ]);
    },
  },
  {
    name: 'better-auth',
    what: 'verify of better-auth’s api-key plugin, by ours over Redis',
    async run(plan, tell) {
      const [product, peers] = [await startProduct({ withRedis: true }), await startPeers()];
      const { redis, postgres } = PeerKeys.parse(await peers.server.ask('make keys'));
      const subjects = [
        guarded('ours', product),
        peer('auth-redis', peers, redis),
        peer('auth-postgres', peers, postgres),
      ];
      return beside(subjects, plan, tell, (of) => [
        atLeast('Redis storage, CPU', of('auth-redis', 'ours', 'cpu'), 20),
        atLeast('PostgreSQL, CPU', of('auth-postgres', 'ours', 'cpu'), 45),
      ]);
    },
  },
  {
    name: 'million',
    what: 'a database of 1,000,000 keys, by one of 1,000; the same traffic over 1,000 keys, Redis',
    async run(plan, tell) {
      const few = await startProduct({ withRedis: true });
      const many = await startProduct({ withRedis: true, keys: 1_000_000 });
      return beside([guarded('1,000', few), guarded('1,000,000', many)], plan, tell, (of) => [
        atMost('CPU', of('1,000,000', '1,000', 'cpu'), 1.15),
        atMost('memory of the server', same(memoryOf(many.server.pid) / memoryOf(few.server.pid)), 1.15),
      ]);
    },
  },
  {
    name: 'capped',
    what: 'refused calls on a key whose limit is spent, by the bare route',
    async run(plan, tell) {
      const product = await startProduct({ withRedis: true });
      const [secret = ''] = product.secrets;
      await capKey(product.postgres.url, secret);
      await fetch(`${product.server.url}/api/v1/ping`, { headers: { authorization: `Bearer ${secret}` } });
      return beside([bare('bare', product), guarded('capped', product, [secret], 429)], plan, tell, (of) => [
        atLeast('requests/s', of('capped', 'bare', 'perSecond'), 0.75),
      ]);
    },
  },
  {
    name: 'latency',
    what: 'one connection: what the guard adds to the median, exact over Redis',
    async run(plan, tell) {
      const product = await startProduct({ withRedis: true });
      const bursts = await measure(
        [bare('bare', product), guarded('guarded', product)],
        { ...plan, connections: 1 },
        tell,
      );
      return [atMost('added p50', ratio(bursts, 'guarded', 'bare', 'p50', 'difference'), 0.18, ' ms')];
    },
  },
  {
    name: 'gateway',
    what: 'the gateway to a local API, exact over Redis, by @fastify/http-proxy to the same API without a guard',
    run: runGateway,
  },
  {
    name: 'fan-out',
    what: '2,000 subscribers x 4 ticks/s in 200 workspaces, by Yoga with redis-event-target as documented',
    run: runFanout,
  },
];

const same = (value: number): Ratio => ({ median: value, least: value, most: value });

const PeerKeys = z.object({ redis: z.array(z.string()), postgres: z.array(z.string()) });

interface Peers {
  readonly server: RunningServer;
  readonly pids: readonly number[];
}

async function startPeers(): Promise<Peers> {
  const [redis, postgres] = [await startRedis(), await startPostgres()];
  const server = await startServer('peers', { args: [redis.url, postgres.url] });
  return { server, pids: [server.pid, redis.pid, postgres.pid] };
}

function peer(name: string, { server, pids }: Peers, authorizations: readonly string[]): Subject {
  return {
    name,
    load: { url: server.url, path: `/${name}`, header: 'Authorization', authorizations, status: 200 },
    pids,
  };
}
