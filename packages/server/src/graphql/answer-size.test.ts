import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { type Browser, type TestApp, testApp } from '../../test/app.ts';
import { type Asker, asKey } from '../../test/commands.ts';
import { type CountingProxy, countingProxy } from '../../test/counting-proxy.ts';
import { type TestDatabase, testDatabase } from '../../test/database.ts';
import { failure } from '../../test/failure.ts';
import { watchSocket } from '../../test/watch.ts';

let store: TestDatabase;
let line: CountingProxy;
let app: TestApp;
let ada: Browser;
const keyCount = 100;
const secrets: string[] = [];
beforeAll(async () => {
  store = await testDatabase();
  line = await countingProxy(store.url);
  app = await testApp({ databaseUrl: line.url });
  ada = await app.signUp();
  const makers = [
    ada,
    ada,
    ada,
    asKey(app, (await ada.createKey({ scopes: ['keys:read', 'keys:write', 'usage:read'] })).secret),
  ];
  while (secrets.length < keyCount) {
    for (const maker of makers) secrets.push(await makeKey(maker));
  }
}, 60_000);
afterAll(async () => {
  await app.stop();
  await line.stop();
  await store.drop();
});

async function makeKey(maker: Asker): Promise<string> {
  const data = await maker.graphql(
    'mutation { createKey(input: { name: "One" }) { ... on CreateKeyPayload { secret } } }',
  );
  return z.object({ createKey: z.object({ secret: z.string() }) }).parse(data).createKey.secret;
}

const now = Date.now();
const range = (days: number, step = 'DAY') =>
  `(from: "${new Date(now - days * 86_400_000).toISOString()}", to: "${new Date(now + 86_400_000).toISOString()}", step: ${step})`;
const page = (
  first: number,
) => `query { workspace { usage { day { used } } keys(first: ${first}) { totalCount edges { node {
  id status limits { day } createdBy { ... on User { name } ... on ApiKey { name previousSecret { endsAt } usage { day { used } } } } previousSecret { endsAt }
  usage { day { used } } week: usageHistory${range(7)} { at accepted refusals { code } } hours: usageHistory${range(1, 'HOUR')} { accepted } } } } } }`;

const Page = z.object({
  workspace: z.object({
    keys: z.object({
      totalCount: z.number(),
      edges: z.array(
        z.object({
          node: z.object({
            createdBy: z.object({ name: z.string() }),
            usage: z.object({ day: z.object({ used: z.number() }) }),
            week: z.array(z.object({ accepted: z.number() })),
          }),
        }),
      ),
    }),
  }),
});
const keysOf = async (first: number) =>
  Page.parse(await ada.graphql(page(first))).workspace.keys.edges.map(({ node }) => node);

/** How many statements something takes. The server has others beside: in one of so many times none of them falls between. */
async function leastStatements(run: () => Promise<void>): Promise<number> {
  const counts: number[] = [];
  for (let times = 0; times < 5; times++) {
    const before = line.statements();
    await run();
    counts.push(line.statements() - before);
  }
  return Math.min(...counts);
}

describe('a page of keys with usage, history and makers', () => {
  it('tells each key its own', async () => {
    const [newest, second] = [secrets.at(-1), secrets.at(-2)];
    for (const secret of [newest, newest, second]) expect((await app.call(secret)).status).toBe(200);
    const counted = async () =>
      (await keysOf(3)).map(({ usage, week }) => [
        usage.day.used,
        week.reduce((sum, { accepted }) => sum + accepted, 0),
      ]);
    await expect.poll(counted, { timeout: 5_000 }).toEqual([
      [2, 2],
      [1, 1],
      [0, 0],
    ]);
  });

  it('takes as many statements for 100 keys as for two', async () => {
    const statementsFor = (first: number) =>
      leastStatements(async () => expect(await keysOf(first)).toHaveLength(first));
    const forTwo = await statementsFor(2);
    expect(await statementsFor(keyCount)).toBe(forTwo);
    expect(forTwo).toBeLessThan(15);
  });
});

const histories = (aliases: number) =>
  Array.from({ length: aliases }, (_, i) => `h${i}: usageHistory${range(60, 'HOUR')} { accepted }`).join(' ');
const keysWith = (first: string, aliases: number) =>
  `{ workspace { keys(first: ${first}) { edges { node { ${histories(aliases)} } } } } }`;

describe('nested lists', () => {
  const inFragments = `{ ...A } fragment A on Query { viewer { workspaces { ...B } } }
    fragment B on Workspace { keys(first: 100) { edges { node { usageHistory${range(30)} { accepted } } } } }`;

  const tooMuch: [string, string][] = [
    ['100 histories of 1,464 points', keysWith('100', 1)],
    ['15 aliased histories of one key', keysWith('1', 15)],
    ['a page for each workspace, in fragments', inFragments],
    ['a page that a variable sizes', `query ($first: Int = 100) ${keysWith('$first', 1)}`],
  ];

  it.each(tooMuch)('are refused before anything runs where they multiply: %s', async (_what, query) => {
    const statements = await leastStatements(async () =>
      expect(await failure(app, ada, query)).toBe('QUERY_TOO_COMPLEX'),
    );
    // Who asks is looked up, nothing else.
    expect(statements).toBeLessThan(5);
  });

  it.each([...tooMuch, ['a history at every event', `subscription { keyChanged { key { ${histories(15)} } } }`]])(
    'are refused over WebSocket: %s',
    async (_what, query) => {
      const watch = watchSocket(app.url, ada, query);
      await expect(watch.until(() => true)).rejects.toThrow('QUERY_TOO_COMPLEX');
      await watch.close();
    },
  );

  it('are answered where they do not', async () => {
    expect(await failure(app, ada, keysWith('10', 1))).toBeUndefined();
  });
});

describe('a page', () => {
  const cursor = (text: string) => Buffer.from(text).toString('base64');
  it.each([
    'first: 101',
    'first: -1',
    'last: 1000',
    'after: "nonsense"',
    `after: "${cursor('GPC:N:5')}"`,
    `before: "${cursor('GPC:S:\0')}"`,
  ])('that cannot be is refused, not made to fit: %s', async (args) => {
    expect(await failure(app, ada, `{ workspace { keys(${args}) { totalCount } } }`)).toBe('BAD_USER_INPUT');
  });

  it('follows the cursor of the page before', async () => {
    const Edges = z.object({
      workspace: z.object({ keys: z.object({ edges: z.array(z.object({ cursor: z.string() })) }) }),
    });
    const cursorsOf = async (args: string) =>
      Edges.parse(await ada.graphql(`{ workspace { keys(${args}) { edges { cursor } } } }`)).workspace.keys.edges.map(
        (edge) => edge.cursor,
      );
    const all = await cursorsOf('first: 100');
    expect(await cursorsOf(`first: 2, after: "${all[1]}"`)).toEqual(all.slice(2, 4));
  });
});
