import { once } from 'node:events';
import { composeSecret, isProblemCode, problems } from '@gatekey/shared';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { type TestApp, testApp } from '../../test/app.ts';
import { run, seededPlans } from '../../test/commands.ts';
import { codeIn, sendRaw } from '../../test/raw.ts';

let app: TestApp;
/** Of a key that passes. */
let secret = '';
beforeAll(async () => {
  app = await testApp();
  const ada = await app.signUp();
  await run(ada, 'changePlan', { planId: seededPlans.Unlimited });
  secret = (await ada.createKey()).secret;
});
afterAll(() => app.stop());

/** What is shown at a door: header lines, and what stands in the query. */
interface Shown {
  readonly headers: readonly string[];
  readonly query?: string;
}
/** Tells what came of it: `admitted`, a code of the guard, or `nobody` where one may come in without a credential. */
type Door = (shown: Shown) => Promise<string>;

/** The answer, whose status, header and body have to say the same. */
async function overHttp(path: string, { headers, query = '' }: Shown, body?: string): Promise<string> {
  const target = path + (query === '' ? '' : `?${query}`);
  const json = body === undefined ? {} : { method: 'POST', body };
  const answer = await sendRaw(app.url, { target, headers, ...json });
  const code = answer.headers.get('gatekey-decision') ?? codeIn(answer) ?? '';
  if (code === 'admitted') expect([answer.status, answer.body]).toEqual([200, expect.stringMatching(/key_/)]);
  else if (code === 'UNAUTHENTICATED') return 'nobody';
  else expect([answer.status, codeIn(answer)]).toEqual([isProblemCode(code) && problems[code].status, code]);
  return code;
}
const question = '{ viewer { key { id } } }';
const json = 'Content-Type: application/json';
const accept = 'Accept: text/event-stream';
const graphql = (shown: Shown, ...fields: string[]) =>
  overHttp('/graphql', { ...shown, headers: [json, ...fields, ...shown.headers] }, JSON.stringify({ query: question }));

/** A WebSocket that is opened with these headers and then says this. Its close code has to fit its reason. */
async function overSocket(headers: Record<string, string | string[]>, payload: object | undefined, query = '') {
  const address = `${app.url.replace('http', 'ws')}/graphql${query === '' ? '' : `?${query}`}`;
  // Its types know one value a field, Node takes several.
  const socket = new WebSocket(address, 'graphql-transport-ws', { headers: Object.assign({}, headers) });
  await once(socket, 'open');
  const acknowledged = once(socket, 'message').then(() => undefined);
  const closed = once(socket, 'close');
  socket.send(JSON.stringify({ type: 'connection_init', payload }));
  const refusal = await Promise.race([acknowledged, closed]);
  socket.close();
  await closed;
  if (refusal === undefined) return 'admitted';
  const [code, reason] = [refusal[0], String(refusal[1])];
  if (reason === 'Unauthorized' && code === 4401) return 'nobody';
  expect([code, reason]).toEqual([isProblemCode(reason) && 4000 + problems[reason].status, reason]);
  return reason;
}

const fieldOf = (line: string) => line.slice(0, line.indexOf(':')).toLowerCase();
const valueIn = (line: string) => line.replace(/^[^:]*: ?/, '');
const doors: [string, Door, 'key_missing' | 'nobody'][] = [
  ['REST', (shown) => overHttp('/api/v1/ping', shown), 'key_missing'],
  ['GraphQL', (shown) => graphql(shown), 'nobody'],
  ['SSE', (shown) => graphql(shown, accept), 'nobody'],
  [
    'the upgrade of a WebSocket',
    ({ headers, query }) => {
      const fields = Map.groupBy(headers, fieldOf);
      return overSocket(
        Object.fromEntries([...fields].map(([name, lines]) => [name, lines.map(valueIn)])),
        undefined,
        query,
      );
    },
    'nobody',
  ],
];

const good = () => `Authorization: Bearer ${secret}`;
const other = () => `Authorization: Bearer ${composeSecret('gk', 'b'.repeat(30))}`;
/** By what is shown: what comes of it at every door. `none` stands for no credential at all. */
const table: [string, () => Shown | string[], string][] = [
  ['nothing', () => [], 'none'],
  ['a good key', () => [good()], 'admitted'],
  ['the scheme in lower case', () => [`Authorization: bearer ${secret}`], 'admitted'],
  ['the scheme in upper case', () => [`Authorization: BEARER ${secret}`], 'admitted'],
  ['the scheme in mixed case', () => [`Authorization: bEaReR ${secret}`], 'admitted'],
  ['the field in upper case', () => [`AUTHORIZATION: Bearer ${secret}`], 'admitted'],
  ['two spaces', () => [`Authorization: Bearer  ${secret}`], 'admitted'],
  ['an empty field', () => ['Authorization: '], 'key_missing'],
  ['the scheme alone', () => ['Authorization: Bearer'], 'key_invalid'],
  ['the secret alone', () => [`Authorization: ${secret}`], 'key_invalid'],
  ['Basic', () => ['Authorization: Basic Z2s6Z2s='], 'key_invalid'],
  ['Token', () => [`Authorization: Token ${secret}`], 'key_invalid'],
  ['Bearers', () => [`Authorization: Bearers ${secret}`], 'key_invalid'],
  ['no space', () => [`Authorization: Bearer${secret}`], 'key_invalid'],
  ['a tab', () => [`Authorization: Bearer\t${secret}`], 'key_invalid'],
  ['a colon', () => [`Authorization: Bearer: ${secret}`], 'key_invalid'],
  ['a parameter', () => [`Authorization: Bearer token=${secret}`], 'key_invalid'],
  ['quotes', () => [`Authorization: Bearer "${secret}"`], 'key_invalid'],
  ['the scheme twice', () => [`Authorization: Bearer Bearer ${secret}`], 'key_invalid'],
  ['something after it', () => [`Authorization: Bearer ${secret} x`], 'key_invalid'],
  ['two secrets in a field', () => [`Authorization: Bearer ${secret}, Bearer ${secret}`], 'key_invalid'],
  ['a secret in upper case', () => [`Authorization: Bearer ${secret.toUpperCase()}`], 'key_invalid'],
  ['a wrong prefix', () => [`Authorization: Bearer ${composeSecret('sk', 'a'.repeat(30))}`], 'key_invalid'],
  ['a wrong checksum', () => [`Authorization: Bearer gk_${'a'.repeat(36)}`], 'key_invalid'],
  ['a secret nobody was given', () => [other()], 'key_invalid'],
  ['10 kB', () => [`Authorization: Bearer ${'a'.repeat(10_000)}`], 'key_invalid'],
  ['latin-1', () => ['Authorization: Bearer gk_\u00e9\u00ff'], 'key_invalid'],
  ['latin-1 in the scheme', () => [`Authorization: B\u00e9arer ${secret}`], 'key_invalid'],
  ['a space that is none before the secret', () => [`Authorization: Bearer \u00a0${secret}`], 'key_invalid'],
  ['a space that is none after the secret', () => [`Authorization: Bearer ${secret}\u00a0`], 'key_invalid'],
  ['the same key twice', () => [good(), good()], 'credential_ambiguous'],
  ['two keys', () => [good(), other()], 'credential_ambiguous'],
  ['two keys that are none', () => [other(), 'Authorization: Basic x'], 'credential_ambiguous'],
  ['an empty field beside a key', () => ['Authorization: ', good()], 'credential_ambiguous'],
  ['twice, in another case', () => [good(), `aUTHORIZATION: Bearer ${secret}`], 'credential_ambiguous'],
  // `Authorization` and nothing else: what is no credential here neither opens anything nor is in the way.
  ['X-API-Key', () => [`X-API-Key: ${secret}`], 'none'],
  ['Api-Key', () => [`Api-Key: ${secret}`], 'none'],
  ['Proxy-Authorization', () => [`Proxy-Authorization: Bearer ${secret}`], 'none'],
  ['X-Forwarded-Authorization', () => [`X-Forwarded-Authorization: Bearer ${secret}`], 'none'],
  ['a cookie that is no session', () => [`Cookie: authorization=${secret}; key=${secret}`], 'none'],
  ['a key beside X-API-Key', () => [good(), `X-API-Key: ${secret}`], 'admitted'],
  ['a key that is none beside X-API-Key', () => [other(), `X-API-Key: ${secret}`], 'key_invalid'],
  ['the query', () => ({ headers: [], query: `access_token=${secret}&api_key=${secret}&key=${secret}` }), 'none'],
  ['a key beside the query', () => ({ headers: [good()], query: `access_token=${secret}` }), 'admitted'],
];

describe.each(doors)('over %s', (_name, door, none) => {
  it.each(table)('%s', async (_case, show, expected) => {
    const shown = show();
    expect(await door(Array.isArray(shown) ? { headers: shown } : shown)).toBe(expected === 'none' ? none : expected);
  });
});

describe.each(doors.slice(0, 3))('over %s, what cannot be read is no credential', (_name, door) => {
  it.each([
    ['NUL', () => `Authorization: Bearer ${secret}\0`],
    ['a line break', () => `Authorization: Bearer\r\n ${secret}`],
    ['a space before the colon', () => `Authorization : Bearer ${secret}`],
    ['no name', () => `: Bearer ${secret}`],
  ])('%s', async (_case, line) => {
    expect(await door({ headers: [line()] })).toBe('bad_request');
  });
});

describe('over the first message of a WebSocket', () => {
  const say = (payload: object | undefined, headers = {}) => overSocket(headers, payload);
  const inHeader = table.filter(([, show]) => {
    const shown = show();
    return Array.isArray(shown) && shown.length === 1 && shown[0]?.startsWith('Authorization:');
  });

  it.each(inHeader)('%s', async (_case, show, expected) => {
    const shown = show();
    const [line = ''] = Array.isArray(shown) ? shown : [];
    expect(await say({ authorization: valueIn(line) })).toBe(expected);
  });

  it.each([
    ['nothing', () => undefined, 'nobody'],
    ['an empty message', () => ({}), 'nobody'],
    ['null', () => ({ authorization: null }), 'nobody'],
    ['NUL', () => ({ authorization: `Bearer ${secret}\0` }), 'key_invalid'],
    ['a line break', () => ({ authorization: `Bearer\n${secret}` }), 'key_invalid'],
    ['a number', () => ({ authorization: 5 }), 'key_invalid'],
    ['a list', () => ({ authorization: [`Bearer ${secret}`] }), 'key_invalid'],
    ['X-API-Key', () => ({ 'x-api-key': secret, headers: { authorization: `Bearer ${secret}` } }), 'nobody'],
  ])('%s', async (_case, payload, expected) => {
    expect(await say(payload())).toBe(expected);
  });

  it('a key beside one in the upgrade is one too many', async () => {
    const authorization = `Bearer ${secret}`;
    expect(await say({ authorization }, { authorization })).toBe('credential_ambiguous');
  });
});
