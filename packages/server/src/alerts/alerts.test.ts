import pg from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { type Browser, signIn, type TestApp, testApp } from '../../test/app.ts';
import { run as give, makePlan, workspaceOf } from '../../test/commands.ts';
import { type TestDatabase, testDatabase } from '../../test/database.ts';
import { run, update } from '../../test/key-commands.ts';
import { allowsLoopback, type Receiver, startReceiver } from '../../test/receiver.ts';
import { testRedis } from '../../test/redis.ts';
import { createEndpoint } from '../../test/webhook-commands.ts';

const [hourMs, dayMs] = [3_600_000, 86_400_000];
let now = Date.parse('2026-05-11T10:00:00Z');
const clock = { now: () => now };
const alerts = { usageMs: 30, expiryMs: 30 };

let database: TestDatabase;
let app: TestApp;
let other: TestApp;
let operator: Browser;
let ada: Browser;
let receiver: Receiver;
const open = () => testApp({ env: allowsLoopback, clock, alerts, databaseUrl: database.url });
beforeAll(async () => {
  database = await testDatabase();
  [app, other] = [await open(), await open()];
  operator = await app.signUp('Olga');
});
afterAll(async () => {
  await Promise.all([app.stop(), other.stop()]);
  await database.drop();
});
beforeEach(async () => {
  receiver = await startReceiver();
  ada = await app.signUp();
  await createEndpoint(ada, {
    url: receiver.url,
    events: ['usage.threshold', 'usage.exceeded', 'key.expiring', 'key.expired', 'ip.refused'],
  });
});
afterEach(() => receiver.stop());

const Usage = z.object({
  key: z.object({ id: z.string() }).nullable(),
  window: z.string(),
  threshold: z.number(),
  used: z.number(),
  limit: z.number(),
  starts_at: z.string(),
});
const usageTold = () =>
  receiver.received
    .filter(({ message }) => message.type.startsWith('usage.'))
    .map(({ message: { type, data } }) => ({ type, ...Usage.parse(data) }))
    .map(({ type, key, window, threshold }) => `${type} ${key === null ? 'workspace' : 'key'} ${window} ${threshold}`)
    .toSorted();
const call = async (secret: string, times: number) => {
  for (let one = 0; one < times; one++) await (await app.call(secret)).text();
};
/** So that what is told too often has come: looked for later, told later, and here. */
const settle = async () => {
  const { secret } = await ada.createKey({ name: 'Elsewhere', ipAllowlist: ['192.0.2.1'] });
  await call(secret, 1);
  await receiver.until(1, ({ message }) => message.type === 'ip.refused');
};

describe('usage of a key', () => {
  it('is told at 80, 90 and 100 % of its own limit of the day, each once a window', async () => {
    const key = await ada.createKey({ limits: { day: 10 } });
    await call(key.secret, 7);
    expect(usageTold()).toEqual([]);
    await call(key.secret, 1);
    const [first] = await receiver.until(1);
    expect(first?.message.data).toMatchObject({
      key: { id: key.id },
      window: 'day',
      threshold: 80,
      used: 8,
      limit: 10,
      starts_at: '2026-05-11T00:00:00.000Z',
      resets_at: '2026-05-12T00:00:00.000Z',
    });
    await call(key.secret, 1);
    await receiver.until(2);
    await call(key.secret, 5);
    await receiver.until(3);
    expect(usageTold()).toEqual([
      'usage.exceeded key day 100',
      'usage.threshold key day 80',
      'usage.threshold key day 90',
    ]);
    await settle();
    expect(receiver.received).toHaveLength(4);
    now += dayMs;
    await call(key.secret, 8);
    await receiver.until(5);
    const [, next] = receiver.received.filter(({ message: { data } }) => data.threshold === 80);
    expect(next?.message.data).toMatchObject({ key: { id: key.id }, starts_at: '2026-05-12T00:00:00.000Z' });
  });

  it('is told once although several servers count, and one starts anew', async () => {
    const key = await ada.createKey({ limits: { month: 10 } });
    await call(key.secret, 9);
    await receiver.until(2);
    const third = await open();
    await (await third.call(key.secret)).text();
    await (await app.call(key.secret)).text();
    await receiver.until(3);
    await third.stop();
    await settle();
    expect(usageTold().filter((one) => one.includes('month'))).toEqual([
      'usage.exceeded key month 100',
      'usage.threshold key month 80',
      'usage.threshold key month 90',
    ]);
  });

  it('is told when its limit comes down to it', async () => {
    const key = await ada.createKey({ limits: { day: 100 } });
    await call(key.secret, 9);
    await update(ada, { id: key.id, limits: { day: 10 } });
    await receiver.until(2);
    expect(usageTold()).toEqual(['usage.threshold key day 80', 'usage.threshold key day 90']);
  });
});

describe('usage on two servers that share a Redis', () => {
  it('is told once for each threshold', async () => {
    const redis = await testRedis();
    const env = { ...allowsLoopback, REDIS_URL: redis.url };
    const own = await testDatabase();
    const [one, two] = await Promise.all([1, 2].map(() => testApp({ env, alerts, databaseUrl: own.url })));
    if (one === undefined || two === undefined) throw new Error('no servers');
    ada = await one.signUp();
    await createEndpoint(ada, { url: receiver.url, events: ['usage.threshold', 'usage.exceeded', 'ip.refused'] });
    const key = await ada.createKey({ limits: { day: 20 } });
    const calls = Array.from({ length: 30 }, (_, index) => (index % 2 === 0 ? one : two).call(key.secret));
    for (const answer of await Promise.all(calls)) await answer.text();
    await receiver.until(3);
    const elsewhere = await ada.createKey({ ipAllowlist: ['192.0.2.1'] });
    for (const app of [one, two]) await (await app.call(elsewhere.secret)).text();
    await receiver.until(4);
    expect(usageTold()).toEqual([
      'usage.exceeded key day 100',
      'usage.threshold key day 80',
      'usage.threshold key day 90',
    ]);
    await Promise.all([one.stop(), two.stop()]);
    await own.drop();
    await redis.stop();
  });
});

describe('usage of a workspace', () => {
  it('is told by its plan, for day and month', async () => {
    const planId = await makePlan(operator, { name: 'Ten', limits: { day: 10, month: 10 } });
    await give(operator, 'changePlan', { workspaceId: await workspaceOf(ada), planId });
    const [one, two] = [await ada.createKey(), await ada.createKey()];
    await call(one.secret, 4);
    await call(two.secret, 4);
    await receiver.until(2);
    expect(usageTold()).toEqual(['usage.threshold workspace day 80', 'usage.threshold workspace month 80']);
  });

  it('that is reached while no server looks is told by the next that starts', async () => {
    const planId = await makePlan(operator, { name: 'Five', limits: { day: 5 } });
    await give(operator, 'changePlan', { workspaceId: await workspaceOf(ada), planId });
    const key = await ada.createKey();
    const blind = await testApp({
      clock,
      env: allowsLoopback,
      databaseUrl: database.url,
      alerts: { usageMs: 1e8, expiryMs: 1e8 },
    });
    for (let one = 0; one < 4; one++) await (await blind.call(key.secret)).text();
    await blind.stop();
    const next = await open();
    await receiver.until(1);
    expect(usageTold()).toEqual(['usage.threshold workspace day 80']);
    await next.stop();
  });
});

describe('the end of a key', () => {
  const Ending = z.object({ days: z.number().optional(), expires_at: z.string() });
  const told = () =>
    receiver.received.map(({ message: { type, data } }) => `${type} ${Ending.parse(data).days ?? ''}`.trim());

  it('is told 14, 7 and 1 days ahead, and when it comes', async () => {
    await ada.createKey({ expiresAt: new Date(now + 20 * dayMs).toISOString() });
    for (const [index, days] of [6.5, 7, 6, 1].entries()) {
      now += days * dayMs;
      await receiver.until(index + 1);
    }
    expect(told()).toEqual(['key.expiring 14', 'key.expiring 7', 'key.expiring 1', 'key.expired']);
  });

  it('is not told of days that it never had, and again when it is put off', async () => {
    const { id } = await ada.createKey({ expiresAt: new Date(now + 3 * dayMs).toISOString() });
    now += 2.5 * dayMs;
    await receiver.until(1);
    expect(told()).toEqual(['key.expiring 1']);
    await update(ada, { id, expiresAt: new Date(now + 0.9 * dayMs).toISOString() });
    await receiver.until(2);
    now += dayMs;
    await receiver.until(3);
    expect(told()).toEqual(['key.expiring 1', 'key.expiring 1', 'key.expired']);
  });

  it('is not told of one that is revoked', async () => {
    const { id } = await ada.createKey({ expiresAt: new Date(now + dayMs / 2).toISOString() });
    await run(ada, 'revokeKey', id);
    await ada.createKey({ expiresAt: new Date(now + dayMs / 4).toISOString() });
    now += dayMs;
    await receiver.until(1);
    expect(told()).toEqual(['key.expired']);
  });
});

describe('a call from an address that a key does not allow', () => {
  it('is told once an hour', async () => {
    const key = await ada.createKey({ ipAllowlist: ['192.0.2.1'] });
    await call(key.secret, 3);
    const [first] = await receiver.until(1);
    expect(first?.message).toMatchObject({ type: 'ip.refused', data: { key: { id: key.id }, address: '127.0.0.1' } });
    now += hourMs;
    await call(key.secret, 3);
    await receiver.until(2);
    expect(receiver.received).toHaveLength(2);
  });

  it('that can never be told is given up after an hour, with one line, and keeps no other waiting', async () => {
    const own = await testDatabase();
    const warnings: string[] = [];
    const quiet = () => {};
    const log = {
      debug: quiet,
      info: quiet,
      error: quiet,
      warn: (_facts: object, line: string) => warnings.push(line),
    };
    const server = await testApp({ env: allowsLoopback, clock, alerts, databaseUrl: own.url, log });
    const eve = await server.signUp();
    await createEndpoint(eve, { url: receiver.url, events: ['ip.refused'] });
    const [never, other] = [
      await eve.createKey({ ipAllowlist: ['192.0.2.1'] }),
      await eve.createKey({ ipAllowlist: ['192.0.2.1'] }),
    ];
    const client = new pg.Client({ connectionString: own.url });
    await client.connect();
    await client.query(`alter table alert add check (subject_id <> '${never.id}')`);
    await (await server.call(never.secret)).text();
    await (await server.call(other.secret)).text();
    await receiver.until(1);
    expect(warnings).toEqual([]);
    now += hourMs;
    await expect.poll(() => warnings).toEqual(['an alert cannot be told and is given up']);
    await (await server.call(other.secret)).text();
    await receiver.until(2);
    expect(warnings).toHaveLength(1);
    await client.end();
    await server.stop();
    await own.drop();
  });

  it('is in the log as Gatekey’s own', async () => {
    const key = await ada.createKey({ ipAllowlist: ['192.0.2.1'] });
    await call(key.secret, 1);
    await receiver.until(1);
    const again = await signIn(app.url, ada.email);
    expect(
      await again.graphql(
        '{ workspace { auditEvents(types: ["ip.refused"]) { edges { node { keyId actor { kind } } } } } }',
      ),
    ).toMatchObject({
      workspace: { auditEvents: { edges: [{ node: { keyId: key.id, actor: { kind: 'SYSTEM' } } }] } },
    });
  });
});
