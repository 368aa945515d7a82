import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type TestApp, testApp } from '../../test/app.ts';
import { run, seededPlans } from '../../test/commands.ts';
import { codeIn, type RawRequest, sendRaw } from '../../test/raw.ts';

let app: TestApp;
let secret: string;
beforeAll(async () => {
  app = await testApp();
  const ada = await app.signUp();
  await run(ada, 'changePlan', { planId: seededPlans.Unlimited });
  secret = (await ada.createKey()).secret;
});
afterAll(() => app.stop());

/** What an answer is: its status, what the guard decided, and the code of its problem or `handler` where one answered. */
async function answerTo(request: RawRequest): Promise<string> {
  const answer = await sendRaw(app.url, request);
  const { status, headers, body } = answer;
  if (status !== 0) expect(headers.get('request-id')).toMatch(/^req_/);
  if (body !== '' && status !== 200) expect(headers.get('content-type')).toMatch(/^application\/problem\+json/);
  const what = body.includes('"ok":true') ? 'handler' : codeIn(answer);
  return [status, headers.get('gatekey-decision'), what].filter((part) => part !== undefined).join(' ');
}
const withKey = (): string[] => [`Authorization: Bearer ${secret}`];

const handler = ['401 key_missing key_missing', '200 admitted handler'];
const guarded = ['401 key_missing key_missing', '404 admitted not_found'];
const refused = ['401 key_missing key_missing', '405 admitted method_not_allowed'];
const elsewhere = ['404 not_found', '404 not_found'];
const unreadable = ['400 bad_request', '400 bad_request'];

describe('a request target', () => {
  it.each([
    ['/api/v1/ping', handler],
    ['/api/v1/ping?x=/api/v1/../..', handler],
    ['/api/v1/%70ing', handler],
    ['/%61pi/v1/ping', handler],
    ['http://gatekey.example/api/v1/ping', handler],
    ['HTTP://gatekey.example/api/v1/ping', handler],
    ['/api/v1/ping#x', handler],
    ['/api/v1/ping#%zz', handler],
    ['/api/v1/x#%zz', guarded],
    ['/api/v1', guarded],
    ['/api/v1/', guarded],
    ['/api/v1/nothing', guarded],
    ['/api/v1//ping', guarded],
    ['/api/v1/./ping', guarded],
    ['/api/v1/../v1/ping', guarded],
    ['/api/v1/%2e%2e/v1/ping', guarded],
    ['/api/v1/%2E/ping', guarded],
    ['/api/v1/x%2f..%2fping', guarded],
    ['/api/v1/ping%2f', guarded],
    ['/api/v1/ping/', guarded],
    ['/api/v1/PING', guarded],
    ['/api/v1/ping;x', guarded],
    ['/api/v1/;/ping', guarded],
    ['/api/v1/ping%00', guarded],
    ['/api/v1/%00ping', guarded],
    ['/api/v1/ping%0d%0a', guarded],
    ['/api/v1/ping\\', guarded],
    ['/api/v1/..\\ping', guarded],
    ['/api/v1/ping%5c', guarded],
    ['/api/v1/%252e%252e/ping', guarded],
    ['http://gatekey.example/api/v1/ping/', guarded],
    ['//api/v1/ping', elsewhere],
    ['/api//v1/ping', elsewhere],
    ['/./api/v1/ping', elsewhere],
    ['/x/../api/v1/ping', elsewhere],
    ['/%2e%2e/api/v1/ping', elsewhere],
    ['/%2fapi/v1/ping', elsewhere],
    ['/api%2fv1/ping', elsewhere],
    ['/api/v1%2fping', elsewhere],
    ['/API/v1/ping', elsewhere],
    ['/api/V1/ping', elsewhere],
    ['/api/v1;x/ping', elsewhere],
    ['/api/v1%00/ping', elsewhere],
    ['/api\\v1\\ping', elsewhere],
    ['/api/v1\\ping', elsewhere],
    ['http://gatekey.example//api/v1/ping', elsewhere],
    ['*', elsewhere],
    ['/api/v1/%zz', unreadable],
    ['/api/v1/%', unreadable],
    ['/api/v1/%c0%af', unreadable],
    ['/api/v1/ping\0', unreadable],
    ['/api/v1/\u00e9', unreadable],
    ['\\api\\v1\\ping', unreadable],
    ['api/v1/ping', unreadable],
    ['/api/v1/ping x', unreadable],
  ])('%j is answered the same way every time', async (target, [without, with_]) => {
    expect(await answerTo({ target })).toBe(without);
    expect(await answerTo({ target, headers: withKey() })).toBe(with_);
  });
});

describe('a method', () => {
  const target = '/api/v1/ping';
  it.each([
    ['GET', handler],
    ['HEAD', ['401 key_missing', '200 admitted']],
    ['OPTIONS', refused],
    ['POST', refused],
    ['PUT', refused],
    ['DELETE', refused],
    ['TRACE', refused],
    ['PROPFIND', refused],
    ['get', unreadable],
    ['BREW', unreadable],
    // A tunnel: nothing listens for it, and Node ends the connection.
    ['CONNECT', ['0', '0']],
  ])('%s is answered the same way every time', async (method, [without, with_]) => {
    expect(await answerTo({ method, target })).toBe(without);
    expect(await answerTo({ method, target, headers: withKey() })).toBe(with_);
  });

  it.each(['X-HTTP-Method-Override: GET', 'X-Original-URL: /healthz', 'X-Rewrite-URL: /healthz'])(
    'and a path are not taken from %j',
    async (header) => {
      expect(await answerTo({ target, method: 'POST', headers: [header] })).toBe(refused[0]);
      expect(await answerTo({ target, method: 'POST', headers: [...withKey(), header] })).toBe(refused[1]);
    },
  );
});

describe('a target in absolute form', () => {
  it.each([
    ['/graphql', '{"query":"{ viewer { key { id } } }"}', '"key_'],
    ['/api/auth/sign-out', '{}', '"success":true'],
  ])('is taken for this server, whatever host it names: %s', async (path, body, said) => {
    const headers = ['Content-Type: application/json', `Origin: ${app.url}`, ...withKey()];
    const answer = await sendRaw(app.url, { method: 'POST', target: `http://gatekey.example${path}`, headers, body });
    expect([answer.status, answer.body]).toEqual([200, expect.stringContaining(said)]);
  });
});
