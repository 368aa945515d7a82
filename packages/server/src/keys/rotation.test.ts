import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { ask, type Browser, type TestApp, testApp } from '../../test/app.ts';
import { rotate, rotation, run, tryRotate, update } from '../../test/key-commands.ts';
import { watchSocket } from '../../test/watch.ts';

const day = 86_400;
const endOverlap = async (browser: Browser, id: string): Promise<unknown> =>
  z
    .object({ endKeyOverlap: z.unknown() })
    .parse(
      await browser.graphql(
        `mutation ($id: ID!) { endKeyOverlap(id: $id) { __typename ... on KeyPayload { key { previousSecret { endsAt } } } } }`,
        { id },
      ),
    ).endKeyOverlap;
const Key = z.object({
  node: z.object({
    previousSecret: z.object({ endsAt: z.string() }).nullable(),
  }),
});
const keyOf = async (browser: Browser, id: string) =>
  Key.parse(
    await browser.graphql(`query ($id: ID!) { node(id: $id) { ... on ApiKey { previousSecret { endsAt } } } }`, { id }),
  ).node;
const answerOf = async (app: TestApp, secret: string) => {
  const { headers } = await app.call(secret);
  return [headers.get('gatekey-decision'), headers.get('gatekey-secret-expires')];
};
const decisionOf = async (app: TestApp, secret: string) => (await answerOf(app, secret))[0];

let app: TestApp;
let ada: Browser;
const start = Date.parse('2026-01-31T12:00:00.250Z');
let now = start;
beforeAll(async () => {
  app = await testApp({ clock: { now: () => now } });
  ada = await app.signUp();
});
afterAll(() => app.stop());

const rowsOf = async (id: string) => {
  const client = new pg.Client({ connectionString: app.databaseUrl });
  await client.connect();
  const { rows } = await client.query('select ends_at from key_secret where key_id = $1 order by ends_at', [id]);
  await client.end();
  return rows.map(({ ends_at }) => ends_at);
};

describe('a rotated key', () => {
  it('has a new secret at once, and the old one for a day', async () => {
    now = start;
    const { id, secret: old } = await ada.createKey({ name: 'Checkout' });
    const { key, secret } = await rotate(ada, { id });
    expect(secret).toMatch(/^gk_[0-9A-Za-z]{36}$/);
    expect(key).toEqual({
      id,
      name: 'Checkout',
      hint: `${secret.slice(0, 7)}…${secret.slice(-4)}`,
      status: 'ACTIVE',
    });
    expect(await answerOf(app, secret)).toEqual(['admitted', null]);
    expect(await answerOf(app, old)).toEqual(['admitted', 'Sun, 01 Feb 2026 12:00:00 GMT']);
    expect((await keyOf(ada, id)).previousSecret?.endsAt).toBe('2026-02-01T12:00:00.250Z');

    now += day * 1_000 - 1;
    expect(await decisionOf(app, old)).toBe('admitted');
    now += 1;
    expect(await answerOf(app, old)).toEqual(['key_invalid', null]);
    expect((await keyOf(ada, id)).previousSecret).toBeNull();
    expect(await decisionOf(app, secret)).toBe('admitted');
  });

  it('without grace refuses the old secret at once', async () => {
    const { id, secret: old } = await ada.createKey();
    expect(await decisionOf(app, old)).toBe('admitted');
    const { secret } = await rotate(ada, { id, graceSeconds: 0 });
    expect([await decisionOf(app, old), await decisionOf(app, secret)]).toEqual(['key_invalid', 'admitted']);
    expect((await keyOf(ada, id)).previousSecret).toBeNull();
  });

  it('that expires takes its old secret with it', async () => {
    const expiresAt = new Date(now + 60_000).toISOString();
    const { id, secret: old } = await ada.createKey({ expiresAt });
    await rotate(ada, { id, graceSeconds: 30 * day });
    expect((await keyOf(ada, id)).previousSecret?.endsAt).toBe(expiresAt);
    expect((await answerOf(app, old))[1]).toBe(new Date(expiresAt).toUTCString());

    const sooner = new Date(now + 30_000).toISOString();
    await update(ada, { id, expiresAt: sooner });
    expect((await keyOf(ada, id)).previousSecret?.endsAt).toBe(sooner);
    expect((await answerOf(app, old))[1]).toBe(new Date(sooner).toUTCString());
  });

  it('and rotated again keeps the last two secrets only', async () => {
    const { id, secret: first } = await ada.createKey();
    const { secret: second } = await rotate(ada, { id });
    const { secret: third } = await rotate(ada, { id });
    const decisions = await Promise.all([first, second, third].map((secret) => decisionOf(app, secret)));
    expect(decisions).toEqual(['key_invalid', 'admitted', 'admitted']);
    now += day * 1_000;
    await rotate(ada, { id });
    expect(await rowsOf(id)).toEqual([new Date(now + day * 1_000), null]);
  });

  it('by many at the same time has one current and one old secret', async () => {
    const { id, secret: first } = await ada.createKey();
    const [rotations] = await Promise.all([
      Promise.all(Array.from({ length: 10 }, () => rotate(ada, { id }))),
      Promise.all(Array.from({ length: 5 }, () => endOverlap(ada, id))),
    ]);
    expect(await rowsOf(id)).toSatisfy(
      (ends: unknown[]) => ends.length <= 2 && ends.filter((endsAt) => endsAt === null).length === 1,
    );
    await rotate(ada, { id });
    const secrets = [first, ...rotations.map(({ secret }) => secret)];
    const decisions = await Promise.all(secrets.map((secret) => decisionOf(app, secret)));
    expect(decisions.filter((decision) => decision === 'admitted')).toHaveLength(1);
    expect(await rowsOf(id)).toEqual([new Date(now + day * 1_000), null]);
  });

  it('keeps its limits and counts, and reminds of the end also when they are spent', async () => {
    const { id, secret: old } = await ada.createKey({ limits: { day: 2 } });
    await app.call(old);
    const { secret } = await rotate(ada, { id });
    await app.call(secret);
    const endsAt = new Date(now + day * 1_000).toUTCString();
    expect(await answerOf(app, old)).toEqual(['quota_exceeded', endsAt]);
    expect(await answerOf(app, secret)).toEqual(['quota_exceeded', null]);
  });

  it('reminds over GraphQL too', async () => {
    const { id, secret: old } = await ada.createKey({ limits: { day: 1 } });
    await rotate(ada, { id });
    const send = () =>
      fetch(`${app.url}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${old}` },
        body: '{"query":"{ viewer { scopes } }"}',
      });
    const endsAt = new Date(now + day * 1_000).toUTCString();
    for (const status of [200, 429]) {
      const answer = await send();
      expect([answer.status, answer.headers.get('gatekey-secret-expires')]).toEqual([status, endsAt]);
    }
  });

  it('can lose its old secret before the grace ends', async () => {
    const { id, secret: old } = await ada.createKey();
    const { secret } = await rotate(ada, { id });
    const ended = { __typename: 'KeyPayload', key: { previousSecret: null } };
    expect(await endOverlap(ada, id)).toEqual(ended);
    expect([await decisionOf(app, old), await decisionOf(app, secret)]).toEqual(['key_invalid', 'admitted']);
    expect(await endOverlap(ada, id)).toEqual(ended);
    expect(await decisionOf(app, secret)).toBe('admitted');
  });

  it('is told to whoever watches the keys', async () => {
    const { id } = await ada.createKey();
    const watch = watchSocket(
      app.url,
      ada,
      'subscription { keyChanged { kind keyId key { previousSecret { endsAt } } } }',
    );
    const told = watch.until((data) => JSON.stringify(data).includes('"kind":"ROTATED"'));
    // Again until the subscription has begun, which says nothing of itself.
    const rotateOnce = async () => {
      await rotate(ada, { id });
      return watch.messages.length;
    };
    await expect.poll(rotateOnce, { interval: 50 }).toBeGreaterThan(0);
    expect((await told).data).toMatchObject({
      keyChanged: { keyId: id, key: { previousSecret: { endsAt: new Date(now + day * 1_000).toISOString() } } },
    });
    await watch.close();
  });
});

describe('rotating', () => {
  it('answers with what is not to be stored', async () => {
    const { id } = await ada.createKey();
    const answer = await fetch(`${app.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', cookie: ada.cookie, origin: app.url },
      body: JSON.stringify({ query: rotation, variables: { input: { id } } }),
    });
    expect(answer.headers.get('cache-control')).toBe('no-store');
    expect(await answer.text()).toContain('"secret":"gk_');
  });

  it('takes a grace of 0 seconds to 30 days', async () => {
    const { id } = await ada.createKey();
    for (const graceSeconds of [-1, 30 * day + 1]) {
      expect(await tryRotate(ada, { id, graceSeconds })).toMatchObject({
        __typename: 'InvalidInputError',
        fields: [{ path: 'graceSeconds' }],
      });
    }
    expect(await tryRotate(ada, { id, graceSeconds: 30 * day })).toMatchObject({ __typename: 'RotateKeyPayload' });
  });

  it('takes a disabled key, which stays disabled, and no revoked or expired one', async () => {
    const { id } = await ada.createKey();
    await run(ada, 'disableKey', id);
    const { key, secret } = await rotate(ada, { id });
    expect([key.status, await decisionOf(app, secret)]).toEqual(['DISABLED', 'key_disabled']);
    await run(ada, 'revokeKey', id);
    expect(await tryRotate(ada, { id })).toMatchObject({ __typename: 'ConflictError' });
    expect(await endOverlap(ada, id)).toMatchObject({ __typename: 'ConflictError' });

    const { id: brief } = await ada.createKey({ expiresAt: new Date(now + 1_000).toISOString() });
    now += 1_000;
    expect(await tryRotate(ada, { id: brief })).toMatchObject({ __typename: 'ConflictError' });
  });

  it('of a foreign or deleted key finds nothing', async () => {
    const { id } = await ada.createKey();
    const eve = await app.signUp('Eve');
    const unknown = 'key_00000000000000000000000000';
    expect(await tryRotate(eve, { id })).toEqual(await tryRotate(eve, { id: unknown }));
    expect(await endOverlap(eve, id)).toEqual(await endOverlap(eve, unknown));
    await run(ada, 'deleteKey', id);
    expect(await tryRotate(ada, { id })).toMatchObject({ __typename: 'NotFoundError' });
  });

  it('by a key does not put a secret with more scopes than its own into its hands', async () => {
    const program = await ada.createKey({ scopes: ['keys:write'] });
    const stronger = await ada.createKey({ scopes: ['keys:write', 'usage:read'] });
    const equal = await ada.createKey({ scopes: ['keys:write'] });
    const rotateBy = (id: string) =>
      ask(app.url, { authorization: `Bearer ${program.secret}` }, rotation, { input: { id } });
    expect(await rotateBy(stronger.id)).toMatchObject({ rotateKey: { __typename: 'ForbiddenError' } });
    expect(await rotateBy(equal.id)).toMatchObject({ rotateKey: { __typename: 'RotateKeyPayload' } });
  });
});
