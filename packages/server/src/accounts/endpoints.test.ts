import { betterAuth } from 'better-auth';
import { organization } from 'better-auth/plugins';
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

const open = [
  'GET /get-session',
  'GET /list-sessions',
  'POST /revoke-other-sessions',
  'POST /revoke-session',
  'POST /revoke-sessions',
  'POST /sign-in/email',
  'POST /sign-out',
  'POST /sign-up/email',
];

const Endpoint = z.object({
  path: z.string(),
  options: z.object({ method: z.union([z.string(), z.array(z.string())]) }),
});
/** Every endpoint that the library has with the plugins that we use, as `POST /sign-out`. */
function everyEndpoint(): string[] {
  const { api } = betterAuth({
    baseURL: 'http://127.0.0.1',
    secret: 'Xq3vL9sT0bRk7WnZ2mYc5HdJ8fGp4AeU',
    plugins: [organization({ teams: { enabled: true }, dynamicAccessControl: { enabled: true } })],
  });
  return Object.values(api).flatMap((endpoint) => {
    const { data } = Endpoint.safeParse({ ...endpoint, path: Reflect.get(endpoint, 'path') });
    // Those without a path are for the server's own code.
    return data === undefined ? [] : [data.options.method].flat().map((method) => `${method} ${data.path}`);
  });
}

const ask = (endpoint: string, headers: Record<string, string> = { cookie: ada.cookie, origin: app.url }) => {
  const [method = '', path = ''] = endpoint.split(' ');
  return fetch(`${app.url}/api/auth${path.replace(/:\w+/g, 'x')}`, {
    method,
    headers: method === 'POST' ? { 'content-type': 'application/json', ...headers } : headers,
    redirect: 'manual',
    ...(method === 'POST' ? { body: '{}' } : {}),
  });
};
const expectNotFound = async (answer: Response, what: string) => {
  expect([answer.status, answer.headers.get('content-type')], what).toEqual([
    404,
    'application/problem+json; charset=utf-8',
  ]);
  expect(await answer.json(), what).toMatchObject({ status: 404, code: 'not_found', request_id: expect.any(String) });
};

describe('/api/auth', () => {
  it('answers the endpoints for accounts and sessions, and no other that the library has', async () => {
    const all = everyEndpoint();
    expect(all.length).toBeGreaterThan(60);
    expect(all.filter((endpoint) => open.includes(endpoint)).toSorted()).toEqual(open);
    for (const endpoint of all) {
      if (!open.includes(endpoint)) await expectNotFound(await ask(endpoint), endpoint);
    }
    // Without a session, for some of them would end it.
    for (const endpoint of open) expect((await ask(endpoint, { origin: app.url })).status, endpoint).not.toBe(404);
    expect(await ada.graphql('{ viewer { workspaces { name role } } }')).toEqual({
      viewer: { workspaces: [{ name: 'Ada’s workspace', role: 'OWNER' }] },
    });
  });

  it.each([
    'GET /sign-in/email',
    'POST /get-session',
    'PUT /sign-out',
    'DELETE /sign-out',
    'POST /sign-out/',
    'POST //sign-out',
    'POST /Sign-Out',
    'POST /sign%2Dout',
    'POST /organization%2Fcreate',
    'POST /sign-out/x',
    'POST /sign-out;x',
    'GET /constructor',
    'GET /__proto__',
    'GET /',
  ])('does not know %s', async (endpoint) => {
    await expectNotFound(await ask(endpoint), endpoint);
    expect(await ada.graphql('{ viewer { isOperator } }')).toEqual({ viewer: { isOperator: true } });
  });

  it('does not answer a navigation with the console', async () => {
    await expectNotFound(await ask('GET /error', { accept: 'text/html' }), 'navigation');
  });
});
