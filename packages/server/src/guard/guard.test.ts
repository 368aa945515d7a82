import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Browser, type TestApp, testApp } from '../../test/app.ts';
import { run, workspaceOf } from '../../test/commands.ts';
import { stores } from '../../test/stores.ts';

const decisionOf = (answer: Response) => answer.headers.get('gatekey-decision');

describe('the guard', () => {
  let app: TestApp;
  let ada: Browser;
  let now = Date.parse('2026-01-31T23:59:20.500Z');
  beforeAll(async () => {
    app = await testApp({ clock: { now: () => now } });
    ada = await app.signUp();
  });
  afterAll(() => app.stop());

  it('refuses a call without a key', async () => {
    const answer = await app.call(undefined);
    expect(answer.status).toBe(401);
    expect(answer.headers.get('www-authenticate')).toBe('Bearer realm="gatekey"');
    expect(answer.headers.get('content-type')).toMatch(/^application\/problem\+json/);
    expect(await answer.json()).toEqual({
      type: `${app.url}/problems/key_missing`,
      title: 'No API key',
      status: 401,
      detail: expect.any(String),
      code: 'key_missing',
      request_id: answer.headers.get('request-id'),
    });
  });

  it('explains every problem on the page that its type names', async () => {
    const { type } = await (await app.call(undefined)).json();
    expect(await (await fetch(type)).text()).toMatch(/Authorization: Bearer/);
  });

  it('answers an unknown path only after the guard', async () => {
    const { secret } = await ada.createKey();
    expect((await app.call(undefined, '/api/v1/nothing')).status).toBe(401);
    const answer = await app.call(secret, '/api/v1/nothing');
    expect([answer.status, (await answer.json()).code]).toEqual([404, 'not_found']);
  });

  it('refuses an expired key from the very moment it expires', async () => {
    const { secret } = await ada.createKey({ expiresAt: new Date(now + 1_000).toISOString() });
    expect(decisionOf(await app.call(secret))).toBe('admitted');
    now += 1_000;
    expect(decisionOf(await app.call(secret))).toBe('key_expired');
  });

  it('refuses addresses that the key does not allow', async () => {
    const { secret } = await ada.createKey({ ipAllowlist: ['192.0.2.0/24'] });
    const answer = await app.call(secret);
    expect([answer.status, decisionOf(answer), answer.headers.get('www-authenticate')]).toEqual([
      403,
      'ip_not_allowed',
      null,
    ]);
  });

  it('does not believe X-Forwarded-For of just anybody', async () => {
    const { secret } = await ada.createKey({ ipAllowlist: ['192.0.2.0/24'] });
    expect(decisionOf(await app.call(secret, '/api/v1/ping', { 'x-forwarded-for': '192.0.2.1' }))).toBe(
      'ip_not_allowed',
    );
  });

  it('refuses keys of a suspended workspace, and asks both allowlists', async () => {
    const eve = await app.signUp('Eve');
    const { secret } = await eve.createKey({ ipAllowlist: ['127.0.0.1'] });
    const allow = (...ipAllowlist: string[]) => run(eve, 'setIpAllowlist', { ipAllowlist });
    const decision = async () => decisionOf(await app.call(secret));
    await allow('192.0.2.1');
    expect(await decision()).toBe('ip_not_allowed');
    // Of two reasons the first in the order of the checks is told.
    await run(ada, 'suspendWorkspace', await workspaceOf(eve));
    expect(await decision()).toBe('workspace_suspended');
    await allow('127.0.0.0/8');
    expect(await decision()).toBe('workspace_suspended');
    await run(ada, 'resumeWorkspace', await workspaceOf(eve));
    expect(await decision()).toBe('admitted');
  });

  it('counts refusals before the limits apart, and not as used', async () => {
    const bob = await app.signUp('Bob');
    const { secret, id } = await bob.createKey({ ipAllowlist: ['192.0.2.1'] });
    await app.call(secret);
    await app.call(secret);
    const usage = () =>
      bob.graphql(
        `{ workspace { usage { minute { used refused } } } node(id: "${id}") { ... on ApiKey { usage { day { used refused } } } } }`,
      );
    // They are gathered for some ms before they are counted.
    await expect.poll(usage).toEqual({
      workspace: { usage: { minute: { used: 0, refused: 2 } } },
      node: { usage: { day: { used: 0, refused: 2 } } },
    });
  });
});

describe('behind a trusted proxy', () => {
  it('the client is the first address from the right that is no proxy', async () => {
    const app = await testApp({ env: { TRUSTED_PROXIES: '127.0.0.1,10.0.0.0/8' } });
    try {
      const ada = await app.signUp();
      const { secret } = await ada.createKey({ ipAllowlist: ['203.0.113.7'] });
      const from = async (field: string) =>
        decisionOf(await app.call(secret, '/api/v1/ping', { 'x-forwarded-for': field }));
      expect(await from('203.0.113.7')).toBe('admitted');
      expect(await from('198.51.100.1, 203.0.113.7, 10.1.2.3')).toBe('admitted');
      expect(await from('203.0.113.7, 198.51.100.1')).toBe('ip_not_allowed');
      expect(await from('203.0.113.7, nonsense')).toBe('ip_not_allowed');
    } finally {
      await app.stop();
    }
  });
});

describe.each(stores)('limits, with $name', ({ start }) => {
  let store: Awaited<ReturnType<typeof start>>;
  let app: TestApp;
  let ada: Browser;
  beforeEach(async () => {
    store = await start();
    app = await testApp({ env: store.env });
    ada = await app.signUp();
  });
  afterEach(async () => {
    await app.stop();
    await store.stop();
  });

  it('of 60 admit exactly 60 of 200 parallel calls, and count the rest as refused', async () => {
    await startOfMinute();
    const { secret } = await ada.createKey();
    const answers = await Promise.all(Array.from({ length: 200 }, () => app.call(secret)));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(60);
    expect(answers.filter(({ status }) => status === 429)).toHaveLength(140);
    expect(await ada.graphql('{ workspace { usage { minute { used refused remaining level } } } }')).toEqual({
      workspace: { usage: { minute: { used: 60, refused: 140, remaining: 0, level: 'EXCEEDED' } } },
    });
  });

  it('are told with every answer, and how long to wait when they are spent', async () => {
    await startOfMinute();
    const { secret } = await ada.createKey({ limits: { minute: 1 } });
    const first = await app.call(secret);
    expect(first.headers.get('ratelimit-policy')).toMatch(
      /^"minute";q=60;w=60, "day";q=5000;w=86400, "month";q=100000;w=(2419200|2505600|2592000|2678400), "key-minute";q=1;w=60$/,
    );
    expect(first.headers.get('ratelimit')).toMatch(
      /^"minute";r=59;t=\d+, "day";r=4999;t=\d+, "month";r=99999;t=\d+, "key-minute";r=0;t=\d+$/,
    );
    expect(first.headers.get('x-ratelimit-limit')).toBe('1');
    expect(first.headers.get('x-ratelimit-remaining')).toBe('0');

    const second = await app.call(secret);
    const problem = await second.json();
    const wait = Number(second.headers.get('retry-after'));
    expect(second.status).toBe(429);
    expect(problem).toMatchObject({ code: 'rate_limited', window: 'key-minute', limit: 1, retry_after: wait });
    expect(problem.resets_at).toMatch(/:00\.000Z$/);
    expect(second.headers.get('x-ratelimit-reset')).toBe(String(Date.parse(problem.resets_at) / 1000));
    const left = (Date.parse(problem.resets_at) - Date.now()) / 1000;
    expect(wait).toBeGreaterThanOrEqual(Math.max(1, Math.floor(left)));
    expect(wait).toBeLessThanOrEqual(Math.ceil(left) + 1);
  });

  it('are shown by /limits, which costs nothing and answers when they are spent', async () => {
    await startOfMinute();
    const { secret } = await ada.createKey({ limits: { minute: 1, day: 5 } });
    await app.call(secret);
    for (let again = 0; again < 2; again++) {
      const answer = await app.call(secret, '/api/v1/limits');
      expect(answer.status).toBe(200);
      expect(
        (await answer.json()).data.map(
          ({ policy, used, remaining }: { policy: string; used: number; remaining: number }) => [
            policy,
            used,
            remaining,
          ],
        ),
      ).toEqual([
        ['minute', 1, 59],
        ['day', 1, 4999],
        ['month', 1, 99_999],
        ['key-minute', 1, 0],
        ['key-day', 1, 4],
      ]);
    }
  });

  it('of the key take nothing from the plan when they refuse', async () => {
    await startOfMinute();
    const { secret } = await ada.createKey({ limits: { day: 2 } });
    for (let calls = 0; calls < 5; calls++) await app.call(secret);
    const refused = await app.call(secret);
    expect(await refused.json()).toMatchObject({ code: 'quota_exceeded', window: 'key-day' });
    const other = await app.call((await ada.createKey()).secret);
    expect(other.headers.get('ratelimit')).toMatch(/^"minute";r=57;/);
  });
});

/** Waits for the next minute when this one is nearly over: what is counted must fall into one window. */
async function startOfMinute(): Promise<void> {
  const left = 60_000 - (Date.now() % 60_000);
  if (left < 5_000) await new Promise((resolve) => setTimeout(resolve, left + 50));
}
