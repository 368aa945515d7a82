import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type RequestListener, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type TestApp, testApp } from '../../test/app.ts';
import { documentFrom } from './upstream-document.ts';

const base = 'https://docs.example.com/v2/openapi.json';
const orders = { openapi: '3.0.3', info: { title: 'Shop', version: '2' }, paths: { '/orders': { get: {} } } };
const serverOf = async (servers: readonly object[], through?: string) =>
  JSON.parse(await documentFrom(JSON.stringify({ ...orders, servers }), { base, through })).servers;

describe('a document of the API behind', () => {
  it('goes on as it is, from JSON and from YAML', async () => {
    const yaml = 'openapi: 3.0.3\ninfo: { title: Shop, version: "2" }\npaths:\n  /orders: { get: {} }\n';
    const whole = { ...orders, servers: [{ url: 'https://docs.example.com' }] };
    expect(JSON.parse(await documentFrom(JSON.stringify(orders), { base, through: undefined }))).toEqual(whole);
    expect(JSON.parse(await documentFrom(yaml, { base, through: undefined }))).toEqual(whole);
  });

  it.each([
    ['https://api.example.com/v2/', undefined, 'https://api.example.com/v2'],
    ['/v2', undefined, 'https://docs.example.com/v2'],
    ['../v3', undefined, 'https://docs.example.com/v3'],
    ['http://[', undefined, 'https://docs.example.com'],
    ['http://10.0.0.2:5000/api/v1', 'https://keys.example.com', 'https://keys.example.com/api/v1'],
    ['/', 'https://keys.example.com', 'https://keys.example.com'],
  ])('of the server %s, through %s, has its calls go to %s', async (url, through, expected) => {
    expect(await serverOf([{ url }, { url: 'https://other.example.com' }], through)).toEqual([{ url: expected }]);
  });

  it.each([
    '',
    'null',
    `openapi: 3.1.0\npaths: {}\n# ${'x'.repeat(300_000)}`,
    '<html>',
    '{"openapi":"2.0"}',
    '{"swagger":"2.0","paths":{}}',
    '{"openapi":"3.1.0","paths":[]}',
    `a: &a [x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b]\nd: [*c,*c,*c]`,
  ])('is refused where it is none, or too large: %.40j', async (text) => {
    await expect(documentFrom(text, { base, through: undefined })).rejects.toThrow();
  });
});

describe('UPSTREAM_OPENAPI', () => {
  let host: Server;
  let answer: RequestListener;
  let asked = 0;
  let now = Date.UTC(2026, 10, 28, 1);
  let app: TestApp;
  const read = async () => {
    const response = await fetch(`${app.url}/upstream-openapi.json`);
    return { status: response.status, body: await response.json() };
  };
  beforeAll(async () => {
    host = createServer((request, response) => {
      asked += 1;
      answer(request, response);
    });
    await once(host.listen(0, '127.0.0.1'), 'listening');
    const address = host.address();
    const url = `http://127.0.0.1:${address !== null && typeof address === 'object' ? address.port : 0}`;
    app = await testApp({
      env: { UPSTREAM_OPENAPI: `${url}/openapi.json`, UPSTREAM_URL: url, LOG_LEVEL: 'silent' },
      clock: { now: () => now },
    });
  });
  afterAll(async () => {
    await app.stop();
    host.close();
  });

  it('is told where our own document is, and read once for all who ask', async () => {
    answer = (_request, response) => response.end(JSON.stringify(orders));
    const own = await (await fetch(`${app.url}/api/v1/openapi.json`)).json();
    expect(own.externalDocs.url).toBe(`${app.url}/upstream-openapi.json`);
    const answers = await Promise.all([read(), read(), read()]);
    for (const { status, body } of answers) {
      expect(status).toBe(200);
      expect(body).toEqual({ ...orders, servers: [{ url: app.url }] });
    }
    expect((await read()).status).toBe(200);
    expect(asked).toBe(1);
  });

  it('stays as it was last good while its source is away, endless or something else', async () => {
    for (const bad of [
      (response: Parameters<RequestListener>[1]) => response.destroy(),
      (response: Parameters<RequestListener>[1]) => response.writeHead(404).end(),
      (response: Parameters<RequestListener>[1]) => response.end('x'.repeat(3_000_000)),
      (response: Parameters<RequestListener>[1]) => response.end('[]'),
    ]) {
      answer = (_request, response) => bad(response);
      now += 60_000;
      const before = asked;
      expect((await read()).body.paths).toEqual(orders.paths);
      expect(asked).toBe(before + 1);
    }
    answer = (_request, response) => response.end(JSON.stringify({ ...orders, paths: { '/carts': {} } }));
    now += 10_000;
    expect((await read()).body.paths).toEqual({ '/carts': {} });
  });
});

describe('a file of UPSTREAM_OPENAPI', () => {
  it('is read, and a problem where it is none', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'gatekey-document-'));
    const path = join(directory, 'openapi.yaml');
    let now = Date.UTC(2026, 10, 28, 1);
    const app = await testApp({ env: { UPSTREAM_OPENAPI: path, LOG_LEVEL: 'silent' }, clock: { now: () => now } });
    const read = () => fetch(`${app.url}/upstream-openapi.json`);
    const missing = await read();
    expect([missing.status, (await missing.json()).code]).toEqual([502, 'upstream_unavailable']);
    await writeFile(path, 'openapi: 3.1.0\npaths: { /orders: {} }');
    now += 10_000;
    expect(await (await read()).json()).toMatchObject({ paths: { '/orders': {} }, servers: [{ url: app.url }] });
    await app.stop();
    await rm(directory, { recursive: true });
  });

  it('that nobody names is not there', async () => {
    const app = await testApp();
    expect((await fetch(`${app.url}/upstream-openapi.json`)).status).toBe(404);
    expect(await (await fetch(`${app.url}/api/v1/openapi.json`)).json()).not.toHaveProperty('externalDocs');
    await app.stop();
  });
});
