import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { type Browser, type TestApp, testApp } from '../../test/app.ts';
import { type Asker, asKey, workspaceOf } from '../../test/commands.ts';
import { run } from '../../test/key-commands.ts';

let app: TestApp;
let ada: Browser;
let now = Date.parse('2026-01-31T12:00:00.250Z');
beforeAll(async () => {
  app = await testApp({ clock: { now: () => now } });
  ada = await app.signUp();
});
afterAll(() => app.stop());

const hourMs = 3_600_000;
const Answer = z.object({
  createKey: z.looseObject({
    __typename: z.string(),
    key: z.object({ id: z.string(), name: z.string() }).optional(),
    secret: z.string().nullish(),
  }),
});
const create = async (input: object, asker: Asker = ada) =>
  Answer.parse(
    await asker.graphql(
      `mutation ($input: CreateKeyInput!) { createKey(input: $input) { __typename
         ... on CreateKeyPayload { key { id name } secret }
         ... on Error { message } ... on InvalidInputError { fields { path } } } }`,
      { input },
    ),
  ).createKey;
const query = async (text: string, values: unknown[] = []) => {
  const client = new pg.Client({ connectionString: app.databaseUrl });
  await client.connect();
  const { rows } = await client.query(text, values);
  await client.end();
  return z.array(z.record(z.string(), z.unknown())).parse(rows);
};

describe('a create with an idempotency key', () => {
  it('that is said again gives the key as it is now, and no secret', async () => {
    const input = { name: 'Once', metadata: { a: 1, b: { c: 2, d: 3 } }, scopes: ['x', 'y'], idempotencyKey: 'again' };
    const first = await create(input);
    expect(first.secret).toMatch(/^gk_/);
    await ada.graphql(`mutation { updateKey(input: { id: "${first.key?.id}", name: "Renamed" }) { __typename } }`);
    const same = { ...input, metadata: { b: { d: 3, c: 2 }, a: 1 }, scopes: ['y', 'x', 'y'], expiresAt: null };
    expect(await create(same)).toEqual({
      __typename: 'CreateKeyPayload',
      key: { id: first.key?.id, name: 'Renamed' },
      secret: null,
    });
  });

  it('that is another one is a conflict, and makes nothing', async () => {
    await create({ name: 'One', idempotencyKey: 'other' });
    const conflict = { __typename: 'ConflictError', message: expect.stringContaining('another input') };
    expect(await create({ name: 'Two', idempotencyKey: 'other' })).toEqual(conflict);
    expect(await query(`select 1 from api_key where name = 'Two'`)).toEqual([]);
  });

  it('makes one key, however many say it at once', async () => {
    const answers = await Promise.all(
      Array.from({ length: 12 }, () => create({ name: 'At once', idempotencyKey: 'at-once' })),
    );
    expect(new Set(answers.map(({ key }) => key?.id)).size).toBe(1);
    expect(answers.filter(({ secret }) => typeof secret === 'string')).toHaveLength(1);
    expect(await query(`select 1 from api_key where name = 'At once'`)).toHaveLength(1);
  });

  it('is remembered for 24 hours, also when its expiry has passed by then', async () => {
    const input = { name: 'A day', expiresAt: new Date(now + hourMs).toISOString(), idempotencyKey: 'a-day' };
    const first = await create(input);
    now += 24 * hourMs - 1;
    expect((await create(input)).key?.id).toBe(first.key?.id);
    now += 1;
    expect(await create(input)).toMatchObject({ __typename: 'InvalidInputError', fields: [{ path: 'expiresAt' }] });
    const later = await create({ name: 'Another day', idempotencyKey: 'a-day' });
    expect(later.secret).toMatch(/^gk_/);
  });

  it('that was refused is not remembered', async () => {
    expect(await create({ name: '', idempotencyKey: 'refused' })).toMatchObject({ __typename: 'InvalidInputError' });
    expect((await create({ name: 'Right', idempotencyKey: 'refused' })).secret).toMatch(/^gk_/);
  });

  it('whose key is deleted since makes no other', async () => {
    const input = { name: 'Short', idempotencyKey: 'deleted' };
    const { key } = await create(input);
    await run(ada, 'deleteKey', key?.id ?? '');
    expect(await create(input)).toMatchObject({ __typename: 'ConflictError' });
  });

  it('is the actor’s own: nobody meets that of another', async () => {
    const { secret } = await ada.createKey({ scopes: ['keys:write'] });
    const input = { name: 'Mine', idempotencyKey: 'mine' };
    const askers = [ada, asKey(app, secret), await app.signUp('Eve')];
    const ids = [];
    for (const asker of askers) ids.push((await create(input, asker)).key?.id);
    expect(new Set(ids).size).toBe(3);
  });

  it.each([
    ['nothing', ''],
    ['a space', 'a b'],
    ['more than 255', 'x'.repeat(256)],
    ['é', 'é'],
    ['a control character', '\x01'],
  ])('takes visible ASCII characters, not %s', async (_case, idempotencyKey) => {
    expect(await create({ name: 'x', idempotencyKey })).toMatchObject({ fields: [{ path: 'idempotencyKey' }] });
  });

  it('takes some of those that expired away, of every workspace', async () => {
    const bob = await app.signUp('Bob');
    const { id } = await bob.createKey();
    await query(
      `insert into key_creation select $1, 'user', 'usr_x', 'old-' || i, decode(repeat('00', 32), 'hex'), $2, $3
       from generate_series(1, 150) i`,
      [await workspaceOf(bob), id, new Date(now - 25 * hourMs)],
    );
    const left = async () => (await query(`select 1 from key_creation where idempotency_key like 'old-%'`)).length;
    await create({ name: 'x', idempotencyKey: 'sweep-1' });
    expect(await left()).toBeLessThan(150);
    await create({ name: 'x', idempotencyKey: 'sweep-2' });
    expect(await left()).toBe(0);
  });
});

describe('metadata', () => {
  it('that is nested too deep is refused, however deep', async () => {
    const nested = (levels: number): unknown => JSON.parse(`${'['.repeat(levels)}${']'.repeat(levels)}`);
    expect(await create({ name: 'Deep', metadata: { a: nested(19) } })).toMatchObject({ key: { name: 'Deep' } });
    for (const levels of [20, 1_000]) {
      const answer = await create({ name: 'Deeper', metadata: { a: nested(levels) } });
      expect(answer).toMatchObject({ __typename: 'InvalidInputError', fields: [{ path: 'metadata' }] });
    }
  });
});
