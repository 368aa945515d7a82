import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { type Browser, type TestApp, testApp } from '../../test/app.ts';

let app: TestApp;
let ada: Browser;
beforeAll(async () => {
  app = await testApp();
  ada = await app.signUp('Ada');
});
afterAll(() => app.stop());

const refusal = '__typename ... on Error { code message }';
const changed = `{ ${refusal} ... on KeyPayload { key { id name status expiresAt limits { minute day month } ipAllowlist } } }`;
const results: Readonly<Record<string, string>> = { deleteKey: `{ ${refusal} ... on DeleteKeyPayload { deletedId } }` };
const run = async (command: string, id: string, browser = ada): Promise<unknown> =>
  z
    .record(z.string(), z.unknown())
    .parse(await browser.graphql(`mutation ($id: ID!) { ${command}(id: $id) ${results[command] ?? changed} }`, { id }))[
    command
  ];
const update = async (input: object, browser = ada): Promise<unknown> =>
  z
    .object({ updateKey: z.unknown() })
    .parse(
      await browser.graphql(`mutation ($input: UpdateKeyInput!) { updateKey(input: $input) ${changed} }`, { input }),
    ).updateKey;
const codeOf = async (secret: string) => {
  const answer = await app.call(secret);
  return answer.headers.get('gatekey-decision');
};

describe('a new key', () => {
  it('passes at once, and its secret has the format of the contract', async () => {
    const { secret } = await ada.createKey({ name: 'Checkout' });
    expect(secret).toMatch(/^gk_[0-9A-Za-z]{36}$/);
    expect(await codeOf(secret)).toBe('admitted');
  });

  it('is stored as a hash and a hint, and nowhere else', async () => {
    const { id, secret } = await ada.createKey();
    const client = new pg.Client({ connectionString: app.databaseUrl });
    await client.connect();
    const tables = await client.query(`select table_name from information_schema.tables where table_schema = 'public'`);
    let dump = '';
    for (const { table_name } of tables.rows)
      dump += JSON.stringify((await client.query(`select * from "${table_name}"`)).rows);
    await client.end();
    expect(dump).toContain(id);
    expect(dump).toContain(`${secret.slice(0, 7)}…${secret.slice(-4)}`);
    expect(dump).not.toContain(secret);
  });

  it('comes in an answer that is not to be stored', async () => {
    const answer = await fetch(`${app.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', cookie: ada.cookie, origin: app.url },
      body: JSON.stringify({
        query: 'mutation { createKey(input: { name: "x" }) { ... on CreateKeyPayload { secret } } }',
      }),
    });
    expect(answer.headers.get('cache-control')).toBe('no-store');
  });

  it('is refused with every mistake named', async () => {
    const create = `mutation ($input: CreateKeyInput!) { createKey(input: $input) { ... on InvalidInputError { fields { path } } } }`;
    const input = {
      name: ' \u0007',
      scopes: ['Upper'],
      expiresAt: '2020-01-01T00:00:00Z',
      ipAllowlist: ['192.0.2.1', '127.1'],
      limits: { day: 0 },
      metadata: [1],
    };
    const paths = z
      .object({ createKey: z.object({ fields: z.array(z.object({ path: z.string() })) }) })
      .parse(await ada.graphql(create, { input }))
      .createKey.fields.map(({ path }) => path);
    expect(paths).toEqual(['name', 'scopes.0', 'ipAllowlist.1', 'limits.day', 'metadata']);
    await expect(ada.graphql(create, { input: { name: 'x', expiresAt: input.expiresAt } })).resolves.toEqual({
      createKey: { fields: [{ path: 'expiresAt' }] },
    });
  });
});

describe('a command', () => {
  it('renames, and stores allowlist entries in canonical form', async () => {
    const { id } = await ada.createKey();
    const outcome = await update({
      id,
      name: ' Nightly ',
      ipAllowlist: ['10.1.2.3/8', '10.0.0.0/8', '2001:DB8::0'],
      limits: { minute: 3 },
    });
    expect(outcome).toMatchObject({
      key: {
        name: 'Nightly',
        ipAllowlist: ['10.0.0.0/8', '2001:db8::'],
        limits: { minute: 3, day: null, month: null },
      },
    });
  });

  it('disables, enables, and can be said twice', async () => {
    const { id, secret } = await ada.createKey();
    expect(await run('disableKey', id)).toMatchObject({ key: { status: 'DISABLED' } });
    expect(await run('disableKey', id)).toMatchObject({ key: { status: 'DISABLED' } });
    expect(await codeOf(secret)).toBe('key_disabled');
    expect(await run('enableKey', id)).toMatchObject({ key: { status: 'ACTIVE' } });
    expect(await codeOf(secret)).toBe('admitted');
  });

  it('revokes for ever', async () => {
    const { id, secret } = await ada.createKey();
    expect(await run('revokeKey', id)).toMatchObject({ key: { status: 'REVOKED' } });
    expect(await codeOf(secret)).toBe('key_revoked');
    expect(await run('revokeKey', id)).toMatchObject({ key: { status: 'REVOKED' } });
    expect(await run('enableKey', id)).toMatchObject({ __typename: 'ConflictError', code: 'CONFLICT' });
    expect(await run('disableKey', id)).toMatchObject({ __typename: 'ConflictError', code: 'CONFLICT' });
    expect(await update({ id, name: 'Back' })).toMatchObject({ __typename: 'ConflictError' });
  });

  it('deletes: the key is in no list and passes no more', async () => {
    const { id, secret } = await ada.createKey({ name: 'Gone soon' });
    expect(await run('deleteKey', id)).toEqual({ __typename: 'DeleteKeyPayload', deletedId: id });
    expect(await codeOf(secret)).toBe('key_invalid');
    expect(
      JSON.stringify(await ada.graphql('{ workspace { keys(first: 100) { edges { node { id } } } } }')),
    ).not.toContain(id);
    expect(await run('deleteKey', id)).toMatchObject({ __typename: 'NotFoundError' });
  });

  it('of a stranger finds nothing: a foreign id is exactly an unknown one', async () => {
    const { id } = await ada.createKey();
    const eve = await app.signUp('Eve');
    const unknown = 'key_00000000000000000000000000';
    for (const command of ['disableKey', 'enableKey', 'revokeKey', 'deleteKey']) {
      expect(await run(command, id, eve)).toEqual(await run(command, unknown, eve));
    }
    expect(await update({ id, name: 'Mine' }, eve)).toEqual(await update({ id: unknown, name: 'Mine' }, eve));
    expect(await eve.graphql(`{ node(id: "${id}") { id } }`)).toEqual({ node: null });
    expect(await ada.graphql(`{ node(id: "${id}") { id } }`)).toEqual({ node: { id } });
  });
});

describe('the list of keys', () => {
  it('is paged newest first, and filtered by status and by text', async () => {
    const bob = await app.signUp('Bob');
    const keys = [];
    for (const name of ['One', 'Two', 'Three']) keys.push(await bob.createKey({ name }));
    const [one] = keys;
    await run('disableKey', one?.id ?? '', bob);
    const page = (args: string) =>
      bob.graphql(
        `{ workspace { keys${args} { totalCount pageInfo { hasNextPage endCursor } edges { node { name } } } } }`,
      );
    const Page = z.object({
      workspace: z.object({
        keys: z.object({
          totalCount: z.number(),
          pageInfo: z.object({ hasNextPage: z.boolean(), endCursor: z.string().nullable() }),
          edges: z.array(z.object({ node: z.object({ name: z.string() }) })),
        }),
      }),
    });
    const read = async (args: string) => {
      const { totalCount, pageInfo, edges } = Page.parse(await page(args)).workspace.keys;
      return {
        totalCount,
        more: pageInfo.hasNextPage,
        names: edges.map(({ node }) => node.name),
        after: pageInfo.endCursor,
      };
    };
    const first = await read('(first: 2)');
    expect(first).toMatchObject({ totalCount: 3, more: true, names: ['Three', 'Two'] });
    expect(await read(`(first: 2, after: "${first.after}")`)).toMatchObject({ more: false, names: ['One'] });
    expect(await read('(status: [DISABLED])')).toMatchObject({ totalCount: 1, names: ['One'] });
    expect(await read('(status: [ACTIVE, REVOKED])')).toMatchObject({ names: ['Three', 'Two'] });
    expect(await read('(search: "tWo")')).toMatchObject({ totalCount: 1, names: ['Two'] });
  });
});
