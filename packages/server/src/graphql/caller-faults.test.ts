import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { type Browser, type TestApp, testApp } from '../../test/app.ts';
import { testDatabase } from '../../test/database.ts';
import { failure } from '../../test/failure.ts';
import { watchSocket } from '../../test/watch.ts';

let app: TestApp;
let ada: Browser;
beforeAll(async () => {
  app = await testApp();
  ada = await app.signUp();
  for (const name of ['50% off', '50 off', 'snake_case', 'snakeXcase', 'back\\slash']) await ada.createKey({ name });
});
afterAll(() => app.stop());

const history = 'query ($from: DateTime!) { workspace { usageHistory(from: $from, to: $from, step: DAY) { at } } }';
const search = 'query ($search: String) { workspace { keys(search: $search) { totalCount } } }';
const halfOfACharacter = '\ud800';

describe('what no answer can be made of is told to be the caller’s fault', () => {
  it.each([
    ['a NUL in an id', 'query ($id: ID!) { node(id: $id) { id } }', { id: 'key_\0' }],
    ['half of a character in an id', 'query ($id: ID!) { node(id: $id) { id } }', { id: `key_${halfOfACharacter}` }],
    ['a NUL in the id of a workspace', 'query ($id: ID!) { workspace(id: $id) { id } }', { id: '\0' }],
    ['a NUL in the id of a command', 'mutation ($id: ID!) { revokeKey(id: $id) { __typename } }', { id: '\0' }],
    [
      'a NUL in the id of an input',
      'mutation ($input: UpdateKeyInput!) { updateKey(input: $input) { __typename } }',
      { input: { id: '\0', name: 'x' } },
    ],
    [
      'a NUL in the id of a history',
      'query ($id: ID) { workspace { usageHistory(from: "2026-01-01T00:00:00Z", to: "2026-01-02T00:00:00Z", step: DAY, keyId: $id) { at } } }',
      { id: '\0' },
    ],
    ['a NUL in a search', search, { search: 'a\0b' }],
    [
      'a NUL in a list',
      'query ($types: [String!]) { workspace { auditEvents(types: $types) { edges { cursor } } } }',
      { types: ['\0'] },
    ],
    [
      'a NUL in a name',
      'mutation ($input: CreateKeyInput!) { createKey(input: $input) { __typename } }',
      { input: { name: 'a\0b' } },
    ],
    ['half of a character in a search', search, { search: halfOfACharacter }],
    ['the year 0', history, { from: '0000-06-01T00:00:00Z' }],
    ['the year 0 by its offset', history, { from: '0001-01-01T00:00:00+14:00' }],
    ['the year 10000 by its offset', history, { from: '9999-12-31T23:59:59-14:00' }],
    ['no time at all', history, { from: 'yesterday' }],
    ['a text for a number', 'query ($first: Int) { workspace { keys(first: $first) { totalCount } } }', { first: 'x' }],
    ['two operations without a name', 'query A { plans { id } } query B { plans { id } }', {}],
  ])('%s', async (_what, query, variables) => {
    expect(await failure(app, ada, query, variables)).toMatch(/^(BAD_USER_INPUT|OPERATION_RESOLUTION_FAILURE)$/);
  });

  it('also in the document itself', async () => {
    expect(await failure(app, ada, '{ node(id: "key_\\u0000") { id } }')).toBe('BAD_USER_INPUT');
    const year = '"0000-01-01T00:00:00Z"';
    const literal = `{ workspace { usageHistory(from: ${year}, to: ${year}, step: DAY) { at } } }`;
    expect(await failure(app, ada, literal)).toBe('GRAPHQL_VALIDATION_FAILED');
  });
});

describe('metadata', () => {
  const nested = (levels: number): unknown => (levels === 1 ? {} : { in: nested(levels - 1) });
  const create = async (metadata: unknown) =>
    z.object({ createKey: z.unknown() }).parse(
      await ada.graphql(
        `mutation ($input: CreateKeyInput!) { createKey(input: $input) {
             __typename ... on CreateKeyPayload { key { metadata } } ... on InvalidInputError { message fields { path message } } } }`,
        { input: { name: 'With metadata', metadata } },
      ),
    ).createKey;

  it.each([
    ['a NUL', { note: 'a\0b' }, 'No NUL characters and no halves of characters.'],
    ['half of a character', { note: halfOfACharacter }, 'No NUL characters and no halves of characters.'],
    ['half of a character in a name', { [halfOfACharacter]: 1 }, 'No NUL characters and no halves of characters.'],
    ['21 levels', nested(21), 'At most 20 levels.'],
    ['3,000 levels', nested(3_000), 'At most 20 levels.'],
  ])('with %s is refused by name', async (_what, metadata, message) => {
    expect(await create(metadata)).toEqual({
      __typename: 'InvalidInputError',
      message: expect.stringContaining('Each field'),
      fields: [{ path: 'metadata', message }],
    });
  });

  it.each([
    ['20 levels', nested(20)],
    ['the text of an escape', { note: '\\u0000' }],
    ['whole characters', { note: '🔑' }],
  ])('with %s is kept', async (_what, metadata) => {
    expect(await create(metadata)).toMatchObject({ key: { metadata } });
  });
});

describe('a list of keys', () => {
  const Names = z.object({
    workspace: z.object({ keys: z.object({ edges: z.array(z.object({ node: z.object({ name: z.string() }) })) }) }),
  });
  const namesOf = async (args: string) =>
    Names.parse(
      await ada.graphql(`{ workspace { keys(${args}) { edges { node { name } } } } }`),
    ).workspace.keys.edges.map(({ node }) => node.name);

  it.each([
    ['%', ['50% off']],
    ['e_c', ['snake_case']],
    ['\\\\', ['back\\slash']],
    ['SNAKE_', ['snake_case']],
  ])('searches for %s as it stands', async (text, names) => {
    expect(await namesOf(`search: "${text}"`)).toEqual(names);
  });

  it('in no status is empty', async () => {
    expect(await namesOf('status: []')).toEqual([]);
    expect((await namesOf('status: [ACTIVE], first: 1')).length).toBe(1);
  });
});

describe('a WebSocket of a key that nobody can vouch for at the moment', () => {
  it('is closed with 1013, on which clients come back', async () => {
    const store = await testDatabase();
    const server = await testApp({ databaseUrl: store.url });
    const { secret } = await (await server.signUp()).createKey();
    await store.cutOff();
    const watch = watchSocket(server.url, { secret }, 'subscription { usage { seq } }');
    expect(await watch.ended).toBe(1013);
    await watch.close();
    await store.letBack();
    await server.stop();
    await store.drop();
  });
});
