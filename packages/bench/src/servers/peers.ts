/**
 * What others would guard the same route with, each as its documentation shows, on the Fastify that the product uses.
 *
 * `/bare` unguarded; `/flexible` rate-limiter-flexible, its union of three windows; `/fastify` @fastify/rate-limit, one
 * window; `/auth-redis` and `/auth-postgres` the api-key plugin of better-auth.
 */
import { apiKey } from '@better-auth/api-key';
import { redisStorage } from '@better-auth/redis-storage';
import rateLimit from '@fastify/rate-limit';
import { betterAuth } from 'better-auth';
import { getMigrations } from 'better-auth/db/migration';
import fastify, { type FastifyRequest } from 'fastify';
import { Redis } from 'ioredis';
import pg from 'pg';
import { RateLimiterRedis, RateLimiterUnion } from 'rate-limiter-flexible';

const [redisUrl = '', databaseUrl = ''] = process.argv.slice(2);
const redis = new Redis(redisUrl);
const pool = new pg.Pool({ connectionString: databaseUrl, max: 20 });
const app = fastify();
const answer = () => ({
  ok: true,
  key_id: 'key_01kd3v7zzk2m5q8r9t0w1x2y3z',
  workspace_id: 'ws_01kd3v7zzk2m5q8r9t0w1x2y3z',
  at: new Date().toISOString(),
});
const keyOf = (request: FastifyRequest) => request.headers.authorization ?? '';

app.get('/bare', async () => answer());

const windows = [
  { keyPrefix: 'minute', points: 1_000_000, duration: 60 },
  { keyPrefix: 'day', points: 100_000_000, duration: 86_400 },
  { keyPrefix: 'month', points: 1_000_000_000, duration: 2_592_000 },
];
const union = new RateLimiterUnion(...windows.map((window) => new RateLimiterRedis({ storeClient: redis, ...window })));
app.get('/flexible', async (request, reply) => {
  try {
    const taken = await union.consume(keyOf(request));
    for (const [name, { remainingPoints, msBeforeNext }] of Object.entries(taken)) {
      reply.header(`x-ratelimit-remaining-${name}`, remainingPoints);
      reply.header(`x-ratelimit-reset-${name}`, Math.ceil(msBeforeNext / 1000));
    }
    return answer();
  } catch {
    return reply.code(429).send({ error: 'Too many requests' });
  }
});

await app.register(async (limited) => {
  await limited.register(rateLimit, { max: 1_000_000, timeWindow: '1 minute', redis, keyGenerator: keyOf });
  limited.get('/fastify', async () => answer());
});

const limits = { enabled: true, timeWindow: 60_000, maxRequests: 1_000_000 };
const account = {
  emailAndPassword: { enabled: true },
  secret: 'Xq3vL9sT0bRk7WnZ2mYc5HdJ8fGp4AeU',
  logger: { disabled: true },
};
const database = { ...account, baseURL: 'http://localhost', database: pool };
const onPostgres = betterAuth({ ...database, plugins: [apiKey({ rateLimit: limits })] });
const onRedis = betterAuth({
  ...database,
  secondaryStorage: redisStorage({ client: redis, keyPrefix: 'better-auth:' }),
  plugins: [apiKey({ storage: 'secondary-storage', rateLimit: limits })],
});
for (const [path, auth] of [
  ['/auth-redis', onRedis],
  ['/auth-postgres', onPostgres],
] as const) {
  app.get(path, async (request, reply) => {
    const { valid } = await auth.api.verifyApiKey({ body: { key: keyOf(request) } });
    return valid ? answer() : reply.code(401).send({ error: 'Unauthorized' });
  });
}

process.on('message', async (word) => {
  if (word !== 'make keys') return;
  await (await getMigrations(onPostgres.options)).runMigrations();
  const { user } = await onPostgres.api.signUpEmail({
    body: { name: 'Bench', email: 'bench@example.com', password: 'correct horse battery' },
  });
  const make = async (auth: typeof onPostgres | typeof onRedis) => {
    const keys: string[] = [];
    for (let index = 0; index < 1_000; index++) {
      keys.push((await auth.api.createApiKey({ body: { userId: user.id, name: `key ${index}` } })).key);
    }
    return keys;
  };
  process.send?.({ redis: await make(onRedis), postgres: await make(onPostgres) });
});

await app.listen({ port: 0, host: '127.0.0.1' });
const address = app.server.address();
process.send?.(address === null || typeof address === 'string' ? 0 : address.port);
process.on('disconnect', () => process.exit(0));
