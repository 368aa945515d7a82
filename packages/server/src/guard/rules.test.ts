import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { type Browser, type TestApp, testApp } from '../../test/app.ts';
import { makeCostRule, run, seededPlans } from '../../test/commands.ts';
import { type TestDatabase, testDatabase } from '../../test/database.ts';
import { run as runOnId } from '../../test/key-commands.ts';
import { type TestRedis, testRedis } from '../../test/redis.ts';
import { testUpstream, type Upstream } from '../../test/upstream.ts';

let upstream: Upstream;
beforeAll(async () => {
  upstream = await testUpstream();
});
afterAll(() => upstream.stop());

/** What a call still leaves of the limit of its key. */
const left = (answer: Response) => Number(/"key-day";r=(\d+)/.exec(answer.headers.get('ratelimit') ?? '')?.[1]);
const codeOf = async (answer: Response) => z.object({ code: z.string() }).parse(await answer.json()).code;
const Limits = z.object({ data: z.array(z.looseObject({ policy: z.string(), remaining: z.number() })) });

describe.each([
  ['in this process', false],
  ['over Redis', true],
])('cost rules, counted %s', (_name, isShared) => {
  let store: TestDatabase;
  let redis: TestRedis | undefined;
  let app: TestApp;
  let operator: Browser;
  const open = () => {
    const shared = redis === undefined ? {} : { REDIS_URL: redis.url };
    const env = { UPSTREAM_URL: upstream.url, UPSTREAM_TIMEOUT_MS: '300', TRUSTED_PROXIES: '127.0.0.1', ...shared };
    return testApp({ databaseUrl: store.url, env });
  };
  beforeAll(async () => {
    store = await testDatabase();
    if (isShared) redis = await testRedis();
    app = await open();
    operator = await app.signUp('Olga');
    await run(operator, 'changePlan', { planId: seededPlans.Unlimited });
  });
  afterAll(async () => {
    await app.stop();
    await redis?.stop();
    await store.drop();
  });

  let made: string[];
  beforeEach(() => {
    made = [];
  });
  afterEach(async () => {
    for (const id of made) await runOnId(operator, 'deleteCostRule', id);
  });
  /** Makes a rule, and waits until it holds here. */
  const rule = async (input: { path: string; scope?: string; [field: string]: unknown }) => {
    const probe = `probe:${made.length}`;
    made.push(await makeCostRule(operator, input));
    made.push(await makeCostRule(operator, { path: `/api/v1/${probe.replace(':', '-')}`, scope: probe }));
    const { secret } = await operator.createKey();
    const path = `/api/v1/${probe.replace(':', '-')}`;
    await expect.poll(async () => (await app.call(secret, path)).status, { timeout: 1_000 }).toBe(403);
  };
  const keyOf = (day: number, scopes: readonly string[] = []) => operator.createKey({ limits: { day }, scopes });
  const remaining = async (secret: string) => {
    const { data } = Limits.parse(await (await app.call(secret, '/api/v1/limits')).json());
    return data.find(({ policy }) => policy === 'key-day')?.remaining;
  };

  it('charge a call what it costs, whole or not at all', async () => {
    await rule({ path: '/api/v1/echo/dear', cost: 4 });
    const { secret } = await keyOf(10);
    const calls = [];
    for (const path of ['dear', 'dear', 'dear', 'cheap', 'cheap', 'cheap']) {
      const answer = await app.call(secret, `/api/v1/echo/${path}`);
      calls.push([answer.status, left(answer)]);
    }
    expect(calls).toEqual([
      [200, 6],
      [200, 2],
      [429, 2],
      [200, 1],
      [200, 0],
      [429, 0],
    ]);
  });

  it('make calls free, also for whom a limit is spent, and of no other path', async () => {
    await rule({ path: '/api/v1/echo/free', cost: 0 });
    const { secret } = await keyOf(1);
    const statuses = [];
    for (const path of ['free', 'free', 'x', 'free', 'x']) {
      statuses.push((await app.call(secret, `/api/v1/echo/${path}`)).status);
    }
    expect(statuses).toEqual([200, 200, 200, 200, 429]);
    expect((await app.call('gk_no', '/api/v1/echo/free')).status).toBe(401);
  });

  it('need a scope, whatever the spelling of the path', async () => {
    await rule({ path: '/api/v1/echo/Admin/**', scope: 'admin:all' });
    const { secret } = await keyOf(1_000);
    const may = await keyOf(1_000, ['admin:all']);
    for (const path of ['admin', 'admin/', 'ADMIN/x', '%61dmin/x/y/z', 'admin?x', 'Admin/%C3%A9']) {
      const refused = await app.call(secret, `/api/v1/echo/${path}`);
      expect([refused.status, await codeOf(refused)], path).toEqual([403, 'scope_missing']);
      expect(refused.headers.get('www-authenticate')).toContain('scope="admin:all"');
      expect((await app.call(may.secret, `/api/v1/echo/${path}`)).status, path).toBe(200);
    }
    for (const path of ['administrator', 'other/admin']) {
      expect((await app.call(secret, `/api/v1/echo/${path}`)).status, path).toBe(200);
    }
    // Only its own calls were counted: a refusal before the limits costs none.
    expect(await remaining(secret)).toBe(998);
  });

  it('apply the most specific one, and that of GET to HEAD', async () => {
    await rule({ path: '/api/v1/echo/**', cost: 2 });
    await rule({ path: '/api/v1/echo/*', cost: 3 });
    await rule({ path: '/api/v1/echo/a', cost: 4 });
    await rule({ path: '/api/v1/echo/a', cost: 5, method: 'GET' });
    await rule({ path: '/api/v1/echo/*/b', cost: 6 });
    await rule({ path: '/api/v1/echo/a/**', cost: 7 });
    const costs: Record<string, number> = {};
    for (const call of ['GET a', 'HEAD a', 'POST a', 'GET x', 'GET x/b', 'GET a/b', 'GET x/y', 'GET x/y/z']) {
      const [method = '', path = ''] = call.split(' ');
      const { secret } = await keyOf(100);
      const headers = { authorization: `Bearer ${secret}` };
      costs[call] = 100 - left(await fetch(`${app.url}/api/v1/echo/${path}`, { method, headers }));
    }
    expect(costs).toEqual({
      'GET a': 5,
      'HEAD a': 5,
      'POST a': 4,
      'GET x': 3,
      'GET x/b': 6,
      'GET a/b': 7,
      'GET x/y': 2,
      'GET x/y/z': 2,
    });
  });

  it('do not touch what is built in', async () => {
    await rule({ path: '/**', cost: 50, scope: 'nobody:has' });
    const { secret } = await keyOf(10);
    expect(left(await app.call(secret))).toBe(9);
  });

  it('hold with forward-auth', async () => {
    await rule({ path: '/orders/*', method: 'DELETE', cost: 3, scope: 'orders:write' });
    const { secret } = await keyOf(10, ['orders:write']);
    const ask = (at: string, method: string) =>
      app.call(at, '/forward-auth', { 'x-forwarded-uri': '/orders/7', 'x-forwarded-method': method });
    expect(left(await ask(secret, 'DELETE'))).toBe(7);
    expect(left(await ask(secret, 'GET'))).toBe(6);
    expect((await ask((await keyOf(10)).secret, 'DELETE')).status).toBe(403);
  });

  describe('that charge not on 5xx', () => {
    const calls = [
      ['200', 6],
      ['404', 6],
      ['429', 6],
      ['500', 10],
      ['503', 10],
      ['reset', 10],
      ['hang', 10],
    ] as const;
    it.each(calls)('leave %s with %i', async (path, expected) => {
      await rule({ path: '/api/v1/*', cost: 4, charge: 'NOT_ON_5XX' });
      const { secret } = await keyOf(10);
      const answer = await app.call(secret, `/api/v1/${path}`);
      expect(left(answer)).toBe(6);
      await answer.text();
      await expect.poll(() => remaining(secret)).toBe(expected);
    });

    it('leave a call charged whose client did not wait for it, in the counter and in the ledger', async () => {
      await rule({ path: '/api/v1/*', cost: 4, charge: 'NOT_ON_5XX' });
      const { id, secret } = await keyOf(10);
      const opened = upstream.nextOpen();
      const away = new AbortController();
      const headers = { authorization: `Bearer ${secret}` };
      const answer = fetch(`${app.url}/api/v1/hang`, { headers, signal: away.signal }).catch(() => 'gone');
      const { left: leftUpstream } = await opened;
      away.abort();
      await Promise.all([answer, leftUpstream]);
      await expect.poll(() => accepted(operator, id)).toBe(4);
      expect(await remaining(secret)).toBe(6);
    });

    it('let pass as many more, and the ledger has only what was charged', async () => {
      await rule({ path: '/api/v1/*', charge: 'NOT_ON_5XX' });
      const { id, secret } = await keyOf(5);
      const statuses = async (path: string, times: number) => {
        const answers = await Promise.all(Array.from({ length: times }, () => app.call(secret, `/api/v1/${path}`)));
        return answers.map(({ status }) => status).toSorted();
      };
      expect(await statuses('500', 5)).toEqual([500, 500, 500, 500, 500]);
      await expect.poll(() => remaining(secret)).toBe(5);
      expect(await statuses('200', 6)).toEqual([200, 200, 200, 200, 200, 429]);
      await expect.poll(() => accepted(operator, id)).toBe(5);
    });
  });

  if (!isShared) return;

  it('that give back are believed by another server, which had found the limit spent', async () => {
    await rule({ path: '/api/v1/*', charge: 'NOT_ON_5XX' });
    const other = await open();
    const { secret } = await keyOf(1);
    const opened = upstream.nextOpen();
    const hanging = app.call(secret, '/api/v1/hang');
    await opened;
    expect((await other.call(secret)).status).toBe(429);
    expect((await hanging).status).toBe(504);
    await expect.poll(async () => (await other.call(secret)).status, { timeout: 3_000 }).toBe(200);
    await other.stop();
  });

  it('hold on another server within a second, and within ten when no message reaches anybody', async () => {
    const other = await open();
    const { secret } = await keyOf(1_000);
    const holds = async (path: string, timeout: number) => {
      made.push(await makeCostRule(operator, { path, scope: 'nobody:has' }));
      await expect.poll(async () => (await other.call(secret, path)).status, { timeout }).toBe(403);
    };
    await holds('/api/v1/echo/soon', 1_000);
    await redis?.silence();
    await holds('/api/v1/echo/late', 10_000);
    await other.stop();
  });
});

async function accepted(person: Browser, keyId: string): Promise<number> {
  const History = z.object({
    node: z.object({ usageHistory: z.array(z.object({ accepted: z.number() })) }),
  });
  const to = new Date(Date.now() + 60_000).toISOString();
  const from = new Date(Date.now() - 3_600_000).toISOString();
  const asked = `{ node(id: "${keyId}") { ... on ApiKey { usageHistory(from: "${from}", to: "${to}", step: MINUTE) { accepted } } } }`;
  const { usageHistory } = History.parse(await person.graphql(asked)).node;
  return usageHistory.reduce((sum, point) => sum + point.accepted, 0);
}
