import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type TestApp, testApp } from '../../test/app.ts';
import { run, seededPlans } from '../../test/commands.ts';
import { codeIn, type RawRequest, sendRaw } from '../../test/raw.ts';
import { type Received, testUpstream, type Upstream } from '../../test/upstream.ts';

let upstream: Upstream;
let app: TestApp;
let key: { id: string; secret: string };
beforeAll(async () => {
  upstream = await testUpstream();
  app = await testApp({ env: { UPSTREAM_URL: upstream.url } });
  const ada = await app.signUp();
  await run(ada, 'changePlan', { planId: seededPlans.Unlimited });
  key = await ada.createKey();
});
beforeEach(() => upstream.forget());
afterAll(async () => {
  await app.stop();
  await upstream.stop();
});

const send = (request: RawRequest) =>
  sendRaw(app.url, { ...request, headers: [`Authorization: Bearer ${key.secret}`, ...(request.headers ?? [])] });

/** What reached the upstream under a name, however a framework might spell it. */
function valuesOf({ rawHeaders }: Received, name: string): string[] {
  return rawHeaders.filter((_, i) => i % 2 === 1 && rawHeaders[i - 1]?.toLowerCase().replaceAll('_', '-') === name);
}

/** The only request that the upstream has seen. */
function only(): Received {
  const [first, ...more] = upstream.received;
  if (first === undefined || more.length > 0) throw new Error(`the upstream saw ${upstream.received.length} requests`);
  return first;
}

describe('a field that is ours to set', () => {
  it.each([
    'Gatekey-Key-Id: key_forged',
    'gatekey-key-id: key_forged',
    'GATEKEY-KEY-ID: key_forged',
    'Gatekey_Key_Id: key_forged',
    'gatekey_key-id: key_forged',
    'Gatekey-Workspace-Id: ws_forged',
    'GATEKEY_WORKSPACE_ID: ws_forged',
    'Gatekey-Scopes: everything',
    'Gatekey-Request-Id: req_forged',
    'Gatekey-Identity: forged.forged.forged',
    'gatekey_identity: forged.forged.forged',
    'Gatekey-Decision: admitted',
    'Gatekey-New-Thing: forged',
    'X-Forwarded-For: 10.9.9.9',
    'X_Forwarded_For: 10.9.9.9',
    'X-Real-IP: 10.9.9.9',
    'Forwarded: for=10.9.9.9',
    'X-Forwarded-Host: evil.example',
    'X-Forwarded-Proto: gopher',
    'Via: 1.1 forged',
  ])('cannot be set by a client: %s', async (field) => {
    const answer = await send({ target: '/api/v1/echo', headers: [field, field] });
    expect(answer.status).toBe(200);
    const seen = only();
    const [name = '', forged = ''] = field.split(': ');
    expect(valuesOf(seen, name.toLowerCase().replaceAll('_', '-'))).not.toContain(forged);
    for (const ours of ['key-id', 'workspace-id', 'scopes', 'request-id', 'identity']) {
      expect(valuesOf(seen, `gatekey-${ours}`), ours).toHaveLength(1);
    }
    expect(valuesOf(seen, 'gatekey-key-id')).toEqual([key.id]);
    expect(valuesOf(seen, 'x-forwarded-for')).toEqual(['127.0.0.1']);
  });

  it.each(['Gatekey-Key-Id', 'gatekey_identity, gatekey-key-id', 'X-Forwarded-For, Content-Length, Host'])(
    'cannot be taken away as a field of the connection: %s',
    async (names) => {
      await send({ target: '/api/v1/echo', headers: [`Connection: ${names}`], method: 'POST', body: 'body' });
      expect(only().body).toBe('body');
      for (const name of ['gatekey-key-id', 'gatekey-identity', 'x-forwarded-for', 'host']) {
        expect(valuesOf(only(), name), name).toHaveLength(1);
      }
    },
  );
});

describe('a field of the connection', () => {
  it.each(['Keep-Alive: timeout=5', 'Proxy-Connection: keep-alive', 'TE: trailers', 'Trailer: X-A', 'Upgrade: h2c'])(
    'stays on it: %s',
    async (field) => {
      expect((await send({ target: '/api/v1/echo', headers: [field] })).status).toBe(200);
      expect(only().headers[field.split(':', 1)[0]?.toLowerCase() ?? '']).toBeUndefined();
    },
  );

  it('stays on it where the client names it so', async () => {
    await send({ target: '/api/v1/echo', headers: ['Connection: close, X-Mine', 'X-Mine: 1', 'X-Other: 2'] });
    expect(only().headers).toMatchObject({ 'x-other': '2' });
    expect(only().headers['x-mine']).toBeUndefined();
  });

  it('is not the credential: neither it nor one for a proxy goes on', async () => {
    await send({ target: '/api/v1/echo', headers: ['Proxy-Authorization: Basic c2VjcmV0'] });
    expect(only().rawHeaders.join(' ')).not.toMatch(/authorization|c2VjcmV0/i);
    expect(only().rawHeaders.join(' ')).not.toContain(key.secret);
  });
});

describe('a body', () => {
  it.each([
    ['two lengths', ['Content-Length: 4', 'Content-Length: 5']],
    ['a length beside chunks', ['Content-Length: 4', 'Transfer-Encoding: chunked']],
    ['chunks that are none', ['Transfer-Encoding: xchunked']],
    ['chunks behind a space', ['Transfer-Encoding : chunked']],
    ['chunks on a folded line', ['Transfer-Encoding:\r\n chunked']],
    ['a length with a sign', ['Content-Length: +4']],
    ['a length in hex', ['Content-Length: 0x4']],
  ])('that is framed by %s reaches nobody', async (_, headers) => {
    const answer = await send({ target: '/api/v1/echo', method: 'POST', headers });
    expect([answer.status, codeIn(answer)]).toEqual([400, 'bad_request']);
    expect(upstream.received).toEqual([]);
  });

  it('with a request hidden in it stays a body', async () => {
    const hidden = 'GET /api/v1/echo?hidden HTTP/1.1\r\nHost: x\r\n\r\n';
    await send({ target: '/api/v1/echo', method: 'GET', body: hidden });
    expect(only().body).toBe(hidden);
    upstream.forget();
    await send({ target: '/api/v1/echo', method: 'DELETE', body: hidden });
    expect(only().body).toBe(hidden);
  });
});

describe('a target', () => {
  it.each([
    '/api/v1/echo/%7Euser;v=1?x=%2F..%2F&y=a+b',
    '/api/v1/caf%C3%A9/echo',
    '/api/v1/%61bc/echo',
    '/api/v1/echo?',
    '/api/v1/ECHO/',
  ])('goes on byte for byte: %s', async (target) => {
    await send({ target });
    expect(only().url).toBe(target);
  });

  it.each([
    '/api/v1/../admin',
    '/api/v1/%2e%2e/admin',
    '/api/v1/x/..%2f..%2fadmin',
    '/api/v1/x\\..\\admin',
    '/api/v1//admin',
    '/api/v1/x%00',
    '/api/v1/ping/../admin',
    '/api/v1/ping%2f..%2fadmin',
    'http://gatekey.example/api/v1/../admin',
  ])('that could be read in two ways goes nowhere, and costs nothing: %s', async (target) => {
    const answer = await send({ target });
    expect([answer.status, codeIn(answer), answer.headers.get('ratelimit')]).toEqual([400, 'bad_request', undefined]);
    expect(upstream.received).toEqual([]);
  });

  it('with an origin before it goes to the upstream, not there', async () => {
    await send({ target: 'http://elsewhere.example:1/api/v1/echo?x' });
    expect(only()).toMatchObject({ url: '/api/v1/echo?x', headers: { host: new URL(upstream.url).host } });
  });

  it('outside the prefix is not the upstream’s', async () => {
    for (const target of ['/admin', '/api/v2/echo', '/api/v1', '/api/v1/', '/API/v1/echo']) await send({ target });
    expect(upstream.received.map(({ url }) => url)).toEqual([]);
  });
});
