import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { type Browser, type TestApp, testApp } from '../../test/app.ts';
import { run as command, makePlan, workspaceOf } from '../../test/commands.ts';
import { run, update } from '../../test/key-commands.ts';
import { problemIn, type Rest, restWith } from '../../test/rest.ts';

let app: TestApp;
let operator: Browser;
let ofOperator: Rest;
let now = Date.parse('2026-11-23T10:00:20.000Z');
beforeAll(async () => {
  app = await testApp({ clock: { now: () => now } });
  operator = await app.signUp('Olga');
  ofOperator = await verifierOf(operator);
});
afterAll(() => app.stop());

async function verifierOf(person: Browser): Promise<Rest> {
  return restWith(app, (await person.createKey({ name: 'Middleware', scopes: ['keys:verify'] })).secret);
}

const Verification = z.object({
  valid: z.boolean(),
  code: z.string(),
  key_id: z.string().nullable(),
  workspace_id: z.string().nullable(),
  scopes: z.array(z.string()),
  metadata: z.unknown(),
  limits: z.array(z.object({ policy: z.string(), used: z.number(), remaining: z.number() }).loose()),
  status: z.number(),
  headers: z.record(z.string(), z.string()),
  problem: z.looseObject({ code: z.string(), status: z.number(), detail: z.string() }).nullable(),
});
async function verify(rest: Rest, body: object) {
  const answer = await rest('POST', '/verify', body);
  expect(answer.status).toBe(200);
  return Verification.parse(answer.body);
}
const codeOf = async (rest: Rest, body: object) => (await verify(rest, body)).code;

describe('verify', () => {
  it('tells of a call that passes whose it is, and what is left', async () => {
    const ada = await app.signUp();
    const { id, secret } = await ada.createKey({
      scopes: ['orders:write'],
      limits: { minute: 5 },
      metadata: { team: 'payments' },
    });
    const told = await verify(ofOperator, { secret, scope: 'orders:write' });
    expect(told).toMatchObject({
      valid: true,
      code: 'admitted',
      key_id: id,
      workspace_id: await workspaceOf(ada),
      scopes: ['orders:write'],
      metadata: { team: 'payments' },
      status: 200,
      problem: null,
    });
    expect(told.limits.find(({ policy }) => policy === 'key-minute')).toMatchObject({ used: 1, remaining: 4 });
    expect(told.headers).toMatchObject({ 'gatekey-decision': 'admitted', 'x-ratelimit-remaining': '4' });
  });

  it('counts as the key’s own calls do, and both together up to the limit', async () => {
    const ada = await app.signUp();
    const { secret } = await ada.createKey({ limits: { minute: 10 } });
    const outcomes = await Promise.all(
      Array.from({ length: 20 }, async (_, n) =>
        n % 2 === 0 ? (await app.call(secret)).status === 200 : (await verify(ofOperator, { secret })).valid,
      ),
    );
    expect(outcomes.filter(Boolean)).toHaveLength(10);
  });

  it('takes a cost whole or not at all', async () => {
    const { secret } = await (await app.signUp()).createKey({ limits: { minute: 10 } });
    expect(await codeOf(ofOperator, { secret, cost: 7 })).toBe('admitted');
    expect(await codeOf(ofOperator, { secret, cost: 4 })).toBe('rate_limited');
    expect(await codeOf(ofOperator, { secret, cost: 3 })).toBe('admitted');
  });

  it('tells of a spent limit what to answer', async () => {
    const { secret } = await (await app.signUp()).createKey({ limits: { minute: 1 } });
    await verify(ofOperator, { secret });
    const told = await verify(ofOperator, { secret });
    expect(told).toMatchObject({ valid: false, code: 'rate_limited', status: 429 });
    expect(told.headers).toMatchObject({ 'gatekey-decision': 'rate_limited', 'retry-after': '40' });
    expect(told.problem).toMatchObject({ code: 'rate_limited', window: 'key-minute', limit: 1, retry_after: 40 });
    now += 40_000;
    expect(await codeOf(ofOperator, { secret })).toBe('admitted');
  });

  it('only looks when it is told to', async () => {
    const { secret } = await (await app.signUp()).createKey({ limits: { minute: 2 } });
    for (let n = 0; n < 3; n += 1) expect(await codeOf(ofOperator, { secret, cost: 2, peek: true })).toBe('admitted');
    expect(await codeOf(ofOperator, { secret, cost: 3, peek: true })).toBe('rate_limited');
    expect((await verify(ofOperator, { secret, cost: 2 })).headers['x-ratelimit-remaining']).toBe('0');
  });

  it('is free for who asks, also when its own limits are spent', async () => {
    const plan = await makePlan(operator, { name: 'One call', limits: { minute: 1 }, selfServe: false });
    const ada = await app.signUp();
    await command(operator, 'changePlan', { workspaceId: await workspaceOf(ada), planId: plan });
    const rest = await verifierOf(ada);
    const { secret } = await ada.createKey();
    expect(await codeOf(rest, { secret })).toBe('admitted');
    expect(await codeOf(rest, { secret })).toBe('rate_limited');
    expect(await codeOf(rest, { secret: 'gk_nothing' })).toBe('key_invalid');
  });

  it('says no in the order and with the words of the guard', async () => {
    const ada = await app.signUp();
    const { id, secret } = await ada.createKey({ ipAllowlist: ['203.0.113.0/24'] });
    const ip = '203.0.113.7';
    expect(await codeOf(ofOperator, { secret, ip })).toBe('admitted');
    expect(await codeOf(ofOperator, { secret, ip: '192.0.2.1' })).toBe('ip_not_allowed');
    expect(await codeOf(ofOperator, { secret })).toBe('ip_not_allowed');
    const told = await verify(ofOperator, { secret, ip, scope: 'orders:write' });
    expect(told).toMatchObject({ code: 'scope_missing', status: 403, key_id: id });
    expect(told.headers['www-authenticate']).toContain('scope="orders:write"');
    expect(told.problem?.detail).toContain('orders:write');
    await run(ada, 'disableKey', id);
    expect(await codeOf(ofOperator, { secret, ip })).toBe('key_disabled');
    await run(ada, 'revokeKey', id);
    expect(await codeOf(ofOperator, { secret, ip })).toBe('key_revoked');
  });

  it('knows the metadata as it is after a change', async () => {
    const ada = await app.signUp();
    const { id, secret } = await ada.createKey({ metadata: { seats: 1 } });
    await verify(ofOperator, { secret });
    await update(ada, { id, metadata: { seats: 2 } });
    expect((await verify(ofOperator, { secret })).metadata).toEqual({ seats: 2 });
  });

  it('shows the key as used, from the address that was told', async () => {
    const ada = await app.signUp();
    const { id, secret } = await ada.createKey();
    await verify(ofOperator, { secret, ip: '203.0.113.9' });
    await expect
      .poll(() => ada.graphql(`{ node(id: "${id}") { ... on ApiKey { lastUsedIp } } }`))
      .toEqual({ node: { lastUsedIp: '203.0.113.9' } });
  });

  it('of no secret says that there was none', async () => {
    const { valid, code, headers } = await verify(ofOperator, { secret: '' });
    expect([valid, code, headers['www-authenticate']]).toEqual([false, 'key_missing', 'Bearer realm="gatekey"']);
  });

  it.each([
    ['nonsense', 'hello'],
    ['the form of a secret that there is not', 'gk_7Qm3uV1tXz9pLr5cKe8wBn2yHd4sGj6f0ax0Ol'],
    ['a NUL', 'gk_\0'],
    ['a whole book', 'x'.repeat(50_000)],
  ])('of %s is a no, and no fault', async (_what, secret) => {
    expect(await verify(ofOperator, { secret })).toMatchObject({
      valid: false,
      code: 'key_invalid',
      key_id: null,
      workspace_id: null,
      status: 401,
    });
  });

  it('refuses what it cannot read, by name', async () => {
    const pathsOf = async (body: object) => problemIn(await ofOperator('POST', '/verify', body)).paths?.toSorted();
    expect(await pathsOf({})).toEqual(['secret']);
    expect(await pathsOf({ secret: 'x', cost: 0, scope: 'A b', ip: 'here', peek: 1 })).toEqual([
      'cost',
      'ip',
      'peek',
      'scope',
    ]);
    expect(await pathsOf({ secret: 'x', cost: 1_001 })).toEqual(['cost']);
  });
});

describe('a key with keys:verify', () => {
  it('of an ordinary workspace knows the keys of that one alone, and costs others nothing', async () => {
    const ada = await app.signUp();
    const rest = await verifierOf(ada);
    const own = await ada.createKey();
    const foreign = await (await app.signUp()).createKey({ limits: { minute: 2 } });
    expect(await codeOf(rest, { secret: own.secret })).toBe('admitted');
    const { problem: _of, ...told } = await verify(rest, { secret: foreign.secret, cost: 2 });
    const { problem: _none, ...unknown } = await verify(rest, { secret: 'gk_nothing', cost: 2 });
    expect(told).toEqual(unknown);
    expect(await codeOf(ofOperator, { secret: foreign.secret, cost: 2 })).toBe('admitted');
  });
});
