/** Counts that outlive the place where they are counted, as a caller sees them. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { type TestApp, testApp } from '../../test/app.ts';
import { type TestDatabase, testDatabase } from '../../test/database.ts';
import { type TestRedis, testRedis } from '../../test/redis.ts';
import { createLog } from '../kernel/log.ts';
import { connectRedis, disconnectRedis } from '../kernel/redis.ts';

const Table = z.object({ data: z.array(z.object({ policy: z.string(), used: z.number() })) });
const usedOf = async (app: TestApp, secret: string) => {
  const { data } = Table.parse(await (await app.call(secret, '/api/v1/limits')).json());
  return Object.fromEntries(data.map(({ policy, used }) => [policy, used]));
};
const callTimes = async (app: TestApp, secret: string, times: number) => {
  for (let calls = 0; calls < times; calls++) expect((await app.call(secret)).status).toBe(200);
};

let database: TestDatabase;
beforeEach(async () => {
  database = await testDatabase();
});
afterEach(() => database.drop());

describe('with in-process counters, a server that was stopped and started', () => {
  it('goes on counting where it was, for the plan and for the key', async () => {
    const before = await testApp({ databaseUrl: database.url });
    const ada = await before.signUp();
    const { secret, id } = await ada.createKey({ limits: { day: 100 } });
    await callTimes(before, secret, 3);
    await before.stop();

    const after = await testApp({ databaseUrl: database.url });
    expect(await usedOf(after, secret)).toMatchObject({ day: 3, month: 3, 'key-day': 3 });
    await callTimes(after, secret, 2);
    expect(await usedOf(after, secret)).toMatchObject({ day: 5, month: 5, 'key-day': 5 });
    expect(id).toMatch(/^key_/);
    await after.stop();
  });
});

describe('with Redis that comes back empty', () => {
  let redis: TestRedis;
  let apps: TestApp[];
  beforeEach(async () => {
    redis = await testRedis();
    const start = () => testApp({ databaseUrl: database.url, env: { REDIS_URL: redis.url } });
    apps = [await start(), await start()];
  });
  afterEach(async () => {
    for (const app of apps) await app.stop();
    await redis.stop();
  });

  it('no call is given back and none is counted twice, on either of two servers', async () => {
    const [one, other] = apps;
    if (one === undefined || other === undefined) throw new Error('two servers');
    const { secret } = await (await one.signUp()).createKey({ limits: { month: 100 } });
    await callTimes(one, secret, 3);
    await callTimes(other, secret, 2);
    const admin = await connectRedis({ urls: [redis.url], log: createLog('silent') });
    await admin.flushall();
    disconnectRedis(admin);
    // Both servers meet the gap at the same time.
    const answers = await Promise.all([0, 1, 2, 3].map((call) => (call % 2 === 0 ? one : other).call(secret)));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
    expect(await usedOf(one, secret)).toMatchObject({ day: 9, month: 9, 'key-month': 9 });
  });

  it('the meters that people watch do not fall back to zero', async () => {
    const [one] = apps;
    if (one === undefined) throw new Error('a server');
    const ada = await one.signUp();
    const { secret } = await ada.createKey();
    await callTimes(one, secret, 3);
    await redis.kill();
    await redis.restart();
    const used = () =>
      ada.graphql('{ workspace { usage { month { used } } keys { edges { node { usage { day { used } } } } } } }');
    await expect
      .poll(() => used().catch(() => undefined), { timeout: 5_000 })
      .toEqual({
        workspace: { usage: { month: { used: 3 } }, keys: { edges: [{ node: { usage: { day: { used: 3 } } } }] } },
      });
  });
});

describe('the history', () => {
  it('shows accepted and refused calls by reason, a point for every step', async () => {
    const app = await testApp({ databaseUrl: database.url });
    const ada = await app.signUp();
    const { secret, id } = await ada.createKey({ limits: { day: 2 } });
    const range = {
      from: new Date(Date.now() - 3_600_000).toISOString(),
      to: new Date(Date.now() + 1_000).toISOString(),
    };
    for (let calls = 0; calls < 5; calls++) await app.call(secret);
    const Points = z.object({
      node: z.object({
        usageHistory: z.array(
          z.object({ at: z.string(), accepted: z.number(), refused: z.number(), refusals: z.array(z.unknown()) }),
        ),
      }),
    });
    const history = async () => {
      const query = `query ($id: ID!, $from: DateTime!, $to: DateTime!) { node(id: $id) { ... on ApiKey {
        usageHistory(from: $from, to: $to, step: MINUTE) { at accepted refused refusals { code count } } } } }`;
      return Points.parse(await ada.graphql(query, { id, ...range })).node.usageHistory;
    };
    await expect.poll(async () => (await history()).reduce((sum, { accepted }) => sum + accepted, 0)).toBe(2);
    const points = await history();
    // An hour and a second touch 61 minutes, or 62 around a minute's turn.
    expect([61, 62]).toContain(points.length);
    expect(points.flatMap(({ refusals }) => refusals)).toEqual([{ code: 'quota_exceeded', count: 3 }]);
    expect(points.filter(({ accepted, refused }) => accepted + refused === 0).length).toBeGreaterThanOrEqual(58);
    await app.stop();
  });

  it('is refused where it would be more points than an answer holds', async () => {
    const app = await testApp({ databaseUrl: database.url });
    const ada = await app.signUp();
    const query =
      '{ workspace { usageHistory(from: "2026-01-01T00:00:00Z", to: "2026-03-01T00:00:00Z", step: MINUTE) { at } } }';
    await expect(ada.graphql(query)).rejects.toThrow(/At most 1500 points/);
    await app.stop();
  });
});
