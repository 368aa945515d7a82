import { largestQuota } from '@gatekey/shared';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { type Browser, type TestApp, testApp } from '../../test/app.ts';
import { run as command, seededPlans, workspaceOf } from '../../test/commands.ts';
import { keyIn, problemIn, type Rest, restWith } from '../../test/rest.ts';

let app: TestApp;
let ada: Browser;
let rest: Rest;
let keyId: string;
beforeAll(async () => {
  app = await testApp();
  ada = await app.signUp('Ada');
  await command(ada, 'changePlan', { planId: seededPlans.Unlimited });
  const scopes = ['keys:read', 'keys:write', ...Array.from({ length: 51 }, (_, i) => `own:${i}`)];
  rest = restWith(app, await secretOf(scopes));
  keyId = (await ada.createKey()).id;
});
afterAll(() => app.stop());

/** A secret of a key with more scopes than one may be given at once. */
async function secretOf(scopes: readonly string[]): Promise<string> {
  const { id, secret } = await ada.createKey({ scopes: scopes.slice(0, 50) });
  await query('update api_key set scopes = $1 where id = $2', [scopes, id]);
  return secret;
}
async function query(text: string, values: unknown[]): Promise<void> {
  const client = new pg.Client({ connectionString: app.databaseUrl });
  await client.connect();
  await client.query(text, values);
  await client.end();
}

const entries = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, i) => [`k${i}`, i]));
const addresses = (count: number) => Array.from({ length: count }, (_, i) => `10.0.${i}.1`);
const scopes = (count: number) => Array.from({ length: count }, (_, i) => `own:${i}`);
const nested = (levels: number): object => (levels === 1 ? {} : { a: nested(levels - 1) });
// `{"a":"…"}` is 8 bytes and the text.
const metadataOf = (bytes: number) => ({ a: 'x'.repeat(bytes - 8) });

/** What is given, and which field is refused for it; undefined where it is taken. */
const cases: readonly [what: string, input: object, refused?: string][] = [
  ['a name of 1 character', { name: 'x' }],
  ['a name of 100', { name: 'x'.repeat(100) }],
  ['a name of 100, and blanks around', { name: ` ${'x'.repeat(100)}\n` }],
  ['a name of 101', { name: 'x'.repeat(101) }, 'name'],
  ['an empty name', { name: '' }, 'name'],
  ['a name of blanks', { name: ' \t ' }, 'name'],
  ['a name with a bell', { name: 'a\u0007b' }, 'name'],
  ['a name with a new line', { name: 'a\nb' }, 'name'],
  ['a name with DEL', { name: 'a\u007fb' }, 'name'],
  ['a name with NUL', { name: 'a\0b' }, 'name'],
  ['a name with half a character', { name: 'a\ud83d' }, 'name'],
  ['a name in any script', { name: 'Ключ 鍵 🔑' }],
  ['a name that is a number', { name: 5 }, 'name'],
  ['no name', { name: null }, 'name'],
  ['50 scopes', { scopes: scopes(50) }],
  ['51 scopes', { scopes: scopes(51) }, 'scopes'],
  ['a scope that is no word', { scopes: ['own:1', 'Own 2'] }, 'scopes.1'],
  ['a scope of 64 characters', { scopes: ['own:1', `x${'y'.repeat(64)}`] }, 'scopes.1'],
  ['100 allowlist entries', { ipAllowlist: addresses(100) }],
  ['101 allowlist entries', { ipAllowlist: addresses(101) }, 'ipAllowlist'],
  ['an allowlist entry that is none', { ipAllowlist: ['10.0.0.1', '10.0.0.256'] }, 'ipAllowlist.1'],
  ['an allowlist entry in another spelling', { ipAllowlist: ['010.0.0.1'] }, 'ipAllowlist.0'],
  ['a limit of 1', { limits: { minute: 1 } }],
  ['the largest limit', { limits: { month: largestQuota } }],
  ['a larger limit', { limits: { month: largestQuota + 1 } }, 'limits.month'],
  ['a limit of 0', { limits: { day: 0 } }, 'limits.day'],
  ['a negative limit', { limits: { day: -1 } }, 'limits.day'],
  ['a limit of a half', { limits: { day: 0.5 } }, 'limits.day'],
  ['a limit of another window', { limits: { hour: 1 } }, 'limits.hour'],
  ['50 metadata entries', { metadata: entries(50) }],
  ['51 metadata entries', { metadata: entries(51) }, 'metadata'],
  ['16 kB of metadata', { metadata: metadataOf(16 * 1024) }],
  ['a byte more', { metadata: metadataOf(16 * 1024 + 1) }, 'metadata'],
  ['16 kB counted in bytes', { metadata: { a: 'é'.repeat(8 * 1024) } }, 'metadata'],
  ['a metadata name of 100', { metadata: { ['x'.repeat(100)]: 1 } }],
  ['a metadata name of 101', { metadata: { ['x'.repeat(101)]: 1 } }, `metadata.${'x'.repeat(101)}`],
  ['20 levels of metadata', { metadata: nested(20) }],
  ['21 levels of metadata', { metadata: nested(21) }, 'metadata'],
  ['1,000 levels of metadata', { metadata: nested(1_000) }, 'metadata'],
  ['metadata with NUL', { metadata: { a: ['\0'] } }, 'metadata'],
  ['metadata with half a character', { metadata: { a: '\udd11' } }, 'metadata'],
  ['metadata that is a list', { metadata: [] }, 'metadata'],
  ['metadata that is a text', { metadata: 'x' }, 'metadata'],
  ['an expiry that has passed', { expiresAt: '2020-01-01T00:00:00Z' }, 'expiresAt'],
  ['an expiry past the year 9999', { expiresAt: '9999-12-31T23:59:59-01:00' }, 'expiresAt'],
  ['an expiry that is a day', { expiresAt: '2099-01-01' }, 'expiresAt'],
  ['the last expiry', { expiresAt: '9999-12-31T23:59:59Z' }],
  ['a field that there is not', { owner: 'x' }, 'owner'],
];

type Door = (input: object) => Promise<string | undefined>;
const Result = z.object({
  __typename: z.enum(['CreateKeyPayload', 'KeyPayload', 'InvalidInputError']),
  fields: z.array(z.object({ path: z.string() })).optional(),
});

/** The field that GraphQL refuses. What its types refuse before any room is asked, it names in words. */
const graphql =
  (mutation: string, fixed: object): Door =>
  async (input) => {
    const [only = ''] = Object.keys(input);
    const type = `${mutation.charAt(0).toUpperCase()}${mutation.slice(1)}Input`;
    const text = `mutation ($input: ${type}!) { ${mutation}(input: $input) {
      __typename ... on InvalidInputError { fields { path } } } }`;
    let data: unknown;
    try {
      data = await ada.graphql(text, { input: { ...fixed, ...input } });
    } catch (error) {
      expect(String(error)).toMatch(/DateTime|NUL characters|Variable "\$input"/);
      return only;
    }
    return Result.parse(z.record(z.string(), z.unknown()).parse(data)[mutation])
      .fields?.map(({ path }) => path)
      .join();
  };
const inSnakeCase: Readonly<Record<string, string>> = { ipAllowlist: 'ip_allowlist', expiresAt: 'expires_at' };
/** The field that REST refuses. */
const overRest =
  (method: string, path: () => string, fixed: object): Door =>
  async (input) => {
    const named = Object.entries(input).map(([name, value]) => [inSnakeCase[name] ?? name, value]);
    const answer = await rest(method, path(), { ...fixed, ...Object.fromEntries(named) });
    if (answer.status < 300) return undefined;
    const { status, paths } = problemIn(answer);
    expect(status).toBe(422);
    return paths?.join().replace('ip_allowlist', 'ipAllowlist').replace('expires_at', 'expiresAt');
  };

describe.each<[string, () => Door]>([
  ['a new key through GraphQL', () => graphql('createKey', { name: 'New' })],
  ['a new key over REST', () => overRest('POST', () => '/keys', { name: 'New' })],
  ['a change through GraphQL', () => graphql('updateKey', { id: keyId })],
  ['a change over REST', () => overRest('PATCH', () => `/keys/${keyId}`, {})],
])('%s', (_what, open) => {
  it.each(cases)('with %s', async (_case, input, refused) => {
    const found = await open()(input);
    // GraphQL's own types name the field, not the place in it.
    expect([refused, refused?.split('.')[0]]).toContain(found);
  });
});

describe('a workspace', () => {
  it('has room for 1,000 keys, however they come, and however many at once', async () => {
    const eve = await app.signUp('Eve');
    const workspaceId = await workspaceOf(eve);
    const { secret } = await eve.createKey({ scopes: ['keys:read', 'keys:write'] });
    await query(
      `insert into api_key (id, workspace_id, name, hint)
       select 'key_' || lpad(i::text, 26, '0'), $1, 'Many', 'gk_' from generate_series(1, 998) i`,
      [workspaceId],
    );
    const hers = restWith(app, secret);
    const answers = await Promise.all(Array.from({ length: 6 }, () => hers('POST', '/keys', { name: 'Last' })));
    expect(answers.map(({ status }) => status).toSorted()).toEqual([201, 422, 422, 422, 422, 422]);
    expect(problemIn(await hers('POST', '/keys', { name: 'More' }))).toEqual({ status: 422, code: 'limit_reached' });
    const text = 'mutation { createKey(input: { name: "More" }) { __typename } }';
    expect(await eve.graphql(text)).toEqual({ createKey: { __typename: 'LimitReachedError' } });
    const last = answers.find(({ status }) => status === 201);
    if (last !== undefined) await hers('DELETE', `/keys/${keyIn(last).id}`);
    expect((await hers('POST', '/keys', { name: 'Room again' })).status).toBe(201);
  });
});
