import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Browser, cookieOf, type TestApp, testApp } from '../test/app.ts';
import { newAddress, postFrom } from '../test/from-address.ts';
import { codeIn, type RawRequest, sendRaw } from '../test/raw.ts';

let app: TestApp;
let ada: Browser;
beforeAll(async () => {
  app = await testApp();
  ada = await app.signUp();
});
afterAll(() => app.stop());

const safety = {
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'x-frame-options': 'DENY',
};
const forBrowsers = {
  'content-security-policy': "frame-ancestors 'none'",
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
};
const json = 'Content-Type: application/json';
const everywhere: [string, number, RawRequest][] = [
  ['health', 200, { target: '/healthz' }],
  ['the page of a problem', 200, { target: '/problems/key_invalid' }],
  ['a refused call', 401, { target: '/api/v1/ping' }],
  ['GraphQL', 200, { method: 'POST', target: '/graphql', headers: [json], body: '{"query":"{ __typename }"}' }],
  ['accounts', 200, { target: '/api/auth/get-session' }],
  ['what is not there', 404, { target: '/nothing' }],
  ['a path that cannot be read', 400, { target: '/api/v1/%zz' }],
  ['a body that cannot be read', 400, { method: 'POST', target: '/graphql', headers: [json], body: '{' }],
];

describe('every answer', () => {
  it.each(everywhere)(
    'has an id, and what keeps browsers from doing harm with it: %s',
    async (_what, status, request) => {
      const answer = await sendRaw(app.url, request);
      expect(answer.status).toBe(status);
      expect(Object.fromEntries(answer.headers)).toMatchObject({
        'request-id': expect.stringMatching(/^req_/),
        ...safety,
        ...(request.target.startsWith('/api/v1/') ? {} : forBrowsers),
      });
      // Over plain HTTP it would be ignored, and wrong.
      expect(answer.headers.get('strict-transport-security')).toBeUndefined();
    },
  );

  it('is for our own pages alone: no other is told that it may read it, or send anything first', async () => {
    for (const [what, , request] of everywhere) {
      const headers = [...(request.headers ?? []), 'Origin: https://evil.example'];
      const preflight = [
        ...headers,
        'Access-Control-Request-Method: POST',
        'Access-Control-Request-Headers: authorization',
      ];
      const answers = [
        await sendRaw(app.url, { ...request, headers }),
        await sendRaw(app.url, { target: request.target, method: 'OPTIONS', headers: preflight }),
      ];
      for (const answer of answers) {
        const opened = [...answer.headers.keys()].filter((name) => name.startsWith('access-control-'));
        expect(opened, what).toEqual([]);
      }
      expect(answers[1]?.status, what).toBeGreaterThanOrEqual(400);
    }
  });
});

/** Where bodies are read, with one that would be answered. */
const doors: [string, () => { path: string; headers: string[]; body: string }][] = [
  ['GraphQL', () => ({ path: '/graphql', headers: [], body: '{"query":"{ __typename }"}' })],
  [
    'accounts',
    () => ({
      path: '/api/auth/sign-in/email',
      headers: [`Origin: ${app.url}`],
      body: JSON.stringify({ email: ada.email, password: 'correct horse battery' }),
    }),
  ],
];

describe.each(doors)('a body for %s', (_name, requestOf) => {
  const send = async (type: string | undefined) => {
    const { path: target, headers, body } = requestOf();
    const typed = type === undefined ? headers : [...headers, `Content-Type: ${type}`];
    return sendRaw(app.url, { method: 'POST', target, headers: typed, body });
  };

  it.each(['application/json', 'application/json; charset=utf-8', 'Application/JSON'])(
    'is read as %s',
    async (type) => {
      expect((await send(type)).status).toBe(200);
    },
  );

  // All that a page elsewhere can send without asking first, and what looks like JSON to careless readers.
  it.each([
    undefined,
    'text/plain',
    'text/plain; application/json',
    'text/plain;charset=application/json',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    'application/jsonp',
    'application/json-patch+json',
    'application/graphql',
  ])('is not read as %s', async (type) => {
    const answer = await send(type);
    expect([answer.status, codeIn(answer)]).toEqual([415, 'unsupported_media_type']);
  });
});

describe('a session’s cookie', () => {
  const credentials = () => ({ email: ada.email, password: 'correct horse battery' });
  const foreign: [string, Record<string, string>][] = [
    ['of another site', { origin: 'https://evil.example' }],
    ['that hides where it is', { origin: 'null' }],
    ['on another port', { origin: 'http://127.0.0.1:1' }],
    ['whose name begins like ours', { origin: 'ORIGIN.evil.example' }],
  ];
  const at = (fields: Record<string, string>) =>
    Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, value.replace('ORIGIN', app.url)]));

  it.each(foreign)('is neither given nor ended by a page %s', async (_page, fields) => {
    const post = (path: string, headers: Record<string, string>, body: object) =>
      postFrom(newAddress(), `${app.url}/api/auth/${path}`, { ...headers, ...at(fields) }, body);
    const signedIn = await post('sign-in/email', { cookie: ada.cookie }, credentials());
    expect([signedIn.status, signedIn.headers.getSetCookie()]).toEqual([403, []]);
    const fresh = await post(
      'sign-in/email',
      { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'cors' },
      credentials(),
    );
    expect([fresh.status, fresh.headers.getSetCookie()]).toEqual([403, []]);
    expect((await post('sign-out', { cookie: ada.cookie }, {})).status).toBe(403);
    expect((await post('revoke-sessions', { cookie: ada.cookie }, {})).status).toBe(403);
    expect(await ada.graphql('{ viewer { isOperator } }')).toEqual({ viewer: { isOperator: true } });
  });
});

describe('where people come by https', () => {
  let secure: TestApp;
  beforeAll(async () => {
    secure = await testApp({ env: { PUBLIC_URL: 'https://gatekey.example' } });
  });
  afterAll(() => secure.stop());

  it('browsers are told to stay with it, and cookies are sent over nothing else', async () => {
    const account = { name: 'Ada', email: 'ada@example.com', password: 'correct horse battery' };
    const signUp = (origin: string) =>
      postFrom(
        newAddress(),
        `${secure.listensAt}/api/auth/sign-up/email`,
        { origin, 'sec-fetch-site': 'same-origin' },
        account,
      );
    expect((await signUp(secure.listensAt)).status).toBe(403);
    const answer = await signUp('https://gatekey.example');
    expect(answer.headers.get('strict-transport-security')).toBe('max-age=31536000');
    for (const cookie of answer.headers.getSetCookie()) {
      expect(cookie).toMatch(/^__Secure-gatekey\./);
      expect(cookie).toMatch(/; Secure/);
      expect(cookie).toMatch(/; HttpOnly/);
      expect(cookie).toMatch(/; SameSite=Lax/);
    }
    const cookie = await cookieOf(answer);
    const ask = (origin: string) =>
      postFrom(newAddress(), `${secure.listensAt}/graphql`, { cookie, origin }, { query: '{ viewer { isOperator } }' });
    expect(await (await ask('https://gatekey.example')).json()).toEqual({ data: { viewer: { isOperator: true } } });
    expect((await ask('http://gatekey.example')).status).toBe(403);
  });
});
