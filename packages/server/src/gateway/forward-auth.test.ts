import { createRemoteJWKSet, jwtVerify } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { type Browser, type TestApp, testApp } from '../../test/app.ts';
import { sendRaw } from '../../test/raw.ts';
import { watchSocket } from '../../test/watch.ts';

let app: TestApp;
let untrusting: TestApp;
let ada: Browser;
beforeAll(async () => {
  app = await testApp({ env: { TRUSTED_PROXIES: '127.0.0.1' } });
  untrusting = await testApp({ databaseUrl: app.databaseUrl });
  ada = await app.signUp();
});
afterAll(async () => {
  await untrusting.stop();
  await app.stop();
});

const ask = (secret: string | undefined, headers: Record<string, string> = {}, at = app, path = '/forward-auth') =>
  at.call(secret, path, headers);
const codeOf = async (answer: Response) => z.object({ code: z.string() }).parse(await answer.json()).code;
/** What the console shows as the first request of a key, once it has called. */
async function firstRequestAt(at: TestApp, use: (secret: string) => Promise<unknown>) {
  const asked = 'subscription { keyChanged { keyId firstRequest { method path status } } }';
  const eve = await at.signUp();
  const watch = watchSocket(at.url, eve, asked);
  // It says nothing until something changes, so only a change tells that it has begun.
  await expect.poll(() => eve.createKey().then(() => watch.messages.length)).toBeGreaterThan(0);
  const { id, secret } = await eve.createKey();
  await use(secret);
  const { data } = await watch.until((message) => FirstRequest.safeParse(message).data?.keyChanged.keyId === id);
  await watch.close();
  return FirstRequest.parse(data).keyChanged.firstRequest;
}
const FirstRequest = z.object({ keyChanged: z.object({ keyId: z.string(), firstRequest: z.object({}).loose() }) });

describe('a proxy that asks', () => {
  it('is told with 200 whose call it is, in fields and signed, and what is left', async () => {
    const { id, secret } = await ada.createKey({ scopes: ['orders:read'] });
    const answer = await ask(secret);
    expect([answer.status, await answer.text()]).toEqual([200, '']);
    const field = (name: string) => answer.headers.get(name);
    expect(field('gatekey-decision')).toBe('admitted');
    expect(field('gatekey-key-id')).toBe(id);
    expect(field('gatekey-workspace-id')).toMatch(/^ws_/);
    expect(field('gatekey-scopes')).toBe('orders:read');
    expect(field('gatekey-request-id')).toBe(field('request-id'));
    expect(field('ratelimit')).toMatch(/^"minute";r=59;/);
    expect(field('cache-control')).toBe('no-store');
    const keySet = createRemoteJWKSet(new URL(`${app.url}/.well-known/jwks.json`));
    expect((await jwtVerify(String(field('gatekey-identity')), keySet)).payload.sub).toBe(id);
  });

  it('is told a refusal as every door tells it', async () => {
    const none = await ask(undefined);
    expect([none.status, none.headers.get('www-authenticate'), await codeOf(none)]).toEqual([
      401,
      'Bearer realm="gatekey"',
      'key_missing',
    ]);
    const elsewhere = await ask((await ada.createKey({ ipAllowlist: ['192.0.2.0/24'] })).secret);
    expect([elsewhere.status, await codeOf(elsewhere)]).toEqual([403, 'ip_not_allowed']);
    const { secret } = await ada.createKey({ limits: { minute: 1 } });
    expect((await ask(secret)).status).toBe(200);
    const spent = await ask(secret);
    expect([spent.status, spent.headers.get('gatekey-decision'), await codeOf(spent)]).toEqual([
      429,
      'rate_limited',
      'rate_limited',
    ]);
    expect(Number(spent.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(spent.headers.get('ratelimit')).toMatch(/r=0;/);
    expect(spent.headers.get('gatekey-key-id')).toBeNull();
  });

  it.each(['GET', 'POST', 'DELETE', 'PROPFIND', 'OPTIONS'])(
    'may ask with %s, and the type of a body',
    async (method) => {
      const { secret } = await ada.createKey();
      const headers = [`Authorization: Bearer ${secret}`, 'Content-Type: multipart/form-data; boundary=x'];
      expect((await sendRaw(app.url, { target: '/forward-auth', method, headers, body: 'anything' })).status).toBe(200);
    },
  );

  it('tells the address, where it is trusted, and is believed only there', async () => {
    const { secret } = await ada.createKey({ ipAllowlist: ['192.0.2.0/24'] });
    expect((await ask(secret, { 'x-forwarded-for': '192.0.2.7' })).status).toBe(200);
    expect((await ask(secret, { 'x-forwarded-for': '192.0.3.7' })).status).toBe(403);
    expect((await ask(secret, { 'x-forwarded-for': '192.0.2.7' }, untrusting)).status).toBe(403);
  });

  it('tells what was called, where it is trusted', async () => {
    const asked = { 'x-forwarded-method': 'PATCH', 'x-forwarded-uri': '/orders/7?secret=1' };
    const seen = await firstRequestAt(app, (secret) => ask(secret, asked));
    expect(seen).toEqual({ method: 'PATCH', path: '/orders/7', status: 200 });
  });

  it('tells it by its own path, as Envoy does', async () => {
    const seen = await firstRequestAt(app, (secret) => ask(secret, {}, app, '/forward-auth/orders/7?x=1'));
    expect(seen).toEqual({ method: 'GET', path: '/orders/7', status: 200 });
  });

  it('is not believed elsewhere: what was called is then this path', async () => {
    const seen = await firstRequestAt(untrusting, (secret) =>
      ask(secret, { 'x-forwarded-uri': '/orders/7' }, untrusting),
    );
    expect(seen).toEqual({ method: 'GET', path: '/forward-auth', status: 200 });
  });

  it.each(['/a/../b', '/a%2fb', '//a', '/a\\b'])(
    'cannot ask for a path that could be read in two ways: %s',
    async (uri) => {
      const { secret } = await ada.createKey();
      const answer = await ask(secret, { 'x-forwarded-uri': uri });
      expect([answer.status, await codeOf(answer)]).toEqual([400, 'bad_request']);
    },
  );
});
