import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { type Browser, type TestApp, testApp } from '../../test/app.ts';
import { failure } from '../../test/failure.ts';

let app: TestApp;
beforeAll(async () => {
  app = await testApp();
});
afterAll(() => app.stop());

describe('the list of keys in an order', () => {
  const Page = z.object({
    workspace: z.object({
      keys: z.object({
        pageInfo: z.object({ hasNextPage: z.boolean(), endCursor: z.string(), startCursor: z.string() }),
        edges: z.array(z.object({ node: z.object({ name: z.string() }) })),
      }),
    }),
  });
  const page = async (browser: Browser, args: string) => {
    const query = `{ workspace { keys(${args}) { pageInfo { hasNextPage endCursor startCursor } edges { node { name } } } } }`;
    const { edges, pageInfo } = Page.parse(await browser.graphql(query)).workspace.keys;
    return { names: edges.map(({ node }) => node.name), ...pageInfo };
  };
  const walk = async (browser: Browser, orderBy: string) => {
    const names: string[] = [];
    for (let after = ''; ; ) {
      const one = await page(browser, `first: 2, orderBy: ${orderBy}${after}`);
      names.push(...one.names);
      if (!one.hasNextPage) return names;
      after = `, after: "${one.endCursor}"`;
    }
  };
  let bob: Browser;
  let ids: string[];
  beforeAll(async () => {
    bob = await app.signUp('Bob');
    ids = [];
    const expiries = [null, '2030-01-01T00:00:00Z', '2029-01-01T00:00:00Z', null, '2030-01-01T00:00:00Z'];
    const names = ['banana', 'Apple', 'cherry', 'Banana', 'apple "2"'];
    for (const [index, expiresAt] of expiries.entries()) {
      ids.push((await bob.createKey({ name: names[index] ?? '', expiresAt })).id);
    }
    const client = new pg.Client({ connectionString: app.databaseUrl });
    await client.connect();
    for (const [id, at] of [
      [ids[3], '2026-11-20T10:00:00Z'],
      [ids[4], '2026-11-21T10:00:00Z'],
    ])
      await client.query('update api_key set last_used_at = $2 where id = $1', [id, at]);
    await client.end();
  });

  it.each([
    ['NAME_ASC', ['Apple', 'apple "2"', 'banana', 'Banana', 'cherry']],
    ['NAME_DESC', ['cherry', 'Banana', 'banana', 'apple "2"', 'Apple']],
    ['CREATED_ASC', ['banana', 'Apple', 'cherry', 'Banana', 'apple "2"']],
    ['CREATED_DESC', ['apple "2"', 'Banana', 'cherry', 'Apple', 'banana']],
    ['EXPIRES_ASC', ['cherry', 'Apple', 'apple "2"', 'banana', 'Banana']],
    ['EXPIRES_DESC', ['Banana', 'banana', 'apple "2"', 'Apple', 'cherry']],
    ['LAST_USED_ASC', ['banana', 'Apple', 'cherry', 'Banana', 'apple "2"']],
    ['LAST_USED_DESC', ['apple "2"', 'Banana', 'cherry', 'Apple', 'banana']],
  ])('%s is walked in pages, ties and keys without a value in one place', async (orderBy, names) => {
    expect(await walk(bob, orderBy)).toEqual(names);
    const second = await page(
      bob,
      `first: 2, orderBy: ${orderBy}, after: "${(await page(bob, `first: 2, orderBy: ${orderBy}`)).endCursor}"`,
    );
    expect(await page(bob, `last: 1, orderBy: ${orderBy}, before: "${second.endCursor}"`)).toMatchObject({
      names: names.slice(2, 3),
    });
  });

  it('goes on where the key of its cursor stood, though it is renamed or gone', async () => {
    const carol = await app.signUp('Carol');
    const ids = [];
    for (const name of ['a', 'b', 'c', 'd']) ids.push((await carol.createKey({ name })).id);
    const { endCursor } = await page(carol, 'first: 2, orderBy: NAME_ASC');
    const second = { id: ids[1] };
    await carol.graphql('mutation ($id: ID!) { updateKey(input: { id: $id, name: "z" }) { __typename } }', second);
    const rest = () => page(carol, `first: 2, orderBy: NAME_ASC, after: "${endCursor}"`);
    expect((await rest()).names).toEqual(['c', 'd']);
    await carol.graphql('mutation ($id: ID!) { deleteKey(id: $id) { __typename } }', second);
    expect((await rest()).names).toEqual(['c', 'd']);
  });

  it('takes no cursor of another order, nor one that is made up', async () => {
    const { endCursor } = await page(bob, 'first: 2, orderBy: NAME_ASC');
    const madeUp = [
      '["name","apple","key_"]',
      '["name",null,"ID"]',
      '["created","2026-01-01T00:00:00Z","ID"]',
      '["-created","0000-01-01T00:00:00Z","ID"]',
      '["-created",1,"ID"]',
      '["-created"',
    ].map((text) => Buffer.from(`GPC:S:${text.replace('ID', ids[0] ?? '')}`).toString('base64'));
    for (const [orderBy, cursor] of [
      ['NAME_DESC', endCursor],
      ['CREATED_DESC', endCursor],
      ['NAME_ASC', madeUp[0]],
      ['NAME_ASC', madeUp[1]],
      ...madeUp.slice(2).map((one) => ['CREATED_DESC', one]),
    ]) {
      for (const args of [`first: 2, after: "${cursor}"`, `last: 2, before: "${cursor}"`]) {
        const query = `{ workspace { keys(orderBy: ${orderBy}, ${args}) { edges { cursor } } } }`;
        expect(await failure(app, bob, query), `${orderBy} ${cursor}`).toBe('BAD_USER_INPUT');
      }
    }
  });
});
