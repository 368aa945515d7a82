/** The recipes of docs/forward-auth.md, as they stand there, in the real programs. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Browser, type TestApp, testApp } from './app.ts';
import { fence } from './page.ts';
import { end, freePort, listening } from './program.ts';
import { codeIn, sendRaw } from './raw.ts';
import { testUpstream, type Upstream } from './upstream.ts';

let upstream: Upstream;
let app: TestApp;
let ada: Browser;
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gatekey-proxies-'));
  upstream = await testUpstream();
  app = await testApp({ env: { TRUSTED_PROXIES: '127.0.0.1' } });
  ada = await app.signUp();
});
beforeEach(() => upstream.forget());
afterAll(async () => {
  await app.stop();
  await upstream.stop();
  await rm(folder, { recursive: true });
});

/** A program with the recipes of its files, and where it then listens. */
const proxies = {
  nginx: {
    files: ['nginx.conf'],
    command: ['nginx', '-p', '.', '-e', 'stderr', '-c', 'nginx.conf', '-g', 'daemon off; user root; pid nginx.pid;'],
  },
  haproxy: { files: ['haproxy.cfg', 'gatekey.lua'], command: ['haproxy', '-db', '-f', 'haproxy.cfg'] },
  caddy: { files: ['Caddyfile'], command: ['caddy', 'run', '--adapter', 'caddyfile', '--config', 'Caddyfile'] },
} as const;

/** What a test changes in a recipe: where everybody listens, and what a program would write outside of its folder. */
function adapt(text: string, ports: { gatekey: string; api: string; proxy: number }): string {
  return text
    .replaceAll('127.0.0.1:4000', ports.gatekey)
    .replaceAll('127.0.0.1:5000', ports.api)
    .replaceAll(/(127\.0\.0\.1)?:8080/g, (_, host = '') => `${host}:${ports.proxy}`)
    .replace(
      /^http \{/m,
      `http { access_log off; ${['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((of) => `${of}_temp_path ${of};`).join(' ')}`,
    )
    .replace(/^:\d+ \{/m, (site) => `{\n  admin off\n  auto_https off\n}\n${site}`);
}

interface Proxy {
  readonly url: string;
  readonly child: ChildProcess;
}

async function start(name: keyof typeof proxies, gatekey: string): Promise<Proxy> {
  const { files, command } = proxies[name];
  const place = await mkdtemp(join(folder, `${name}-`));
  const proxy = await freePort();
  const ports = { gatekey: new URL(gatekey).host, api: new URL(upstream.url).host, proxy };
  for (const file of files) await writeFile(join(place, file), adapt(await fence('forward-auth.md', file), ports));
  const [program = '', ...parameters] = command;
  const child = spawn(program, parameters, {
    cwd: place,
    env: { PATH: `${process.env.PATH}:/usr/sbin`, HOME: place },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  await listening(child, proxy);
  return { url: `http://127.0.0.1:${proxy}`, child };
}

describe.each(['nginx', 'haproxy', 'caddy'] as const)('%s', (name) => {
  let proxy: Proxy;
  beforeAll(async () => {
    proxy = await start(name, app.url);
  });
  afterAll(() => end(proxy.child));

  const send = (secret: string | undefined, target = '/echo', headers: readonly string[] = [], body = '') =>
    sendRaw(proxy.url, {
      method: body === '' ? 'GET' : 'POST',
      target,
      headers: [...(secret === undefined ? [] : [`Authorization: Bearer ${secret}`]), ...headers],
      body,
    });

  it('passes an admitted call on, with whose it is and without the key', async () => {
    const { id, secret } = await ada.createKey({ scopes: ['orders:write'] });
    const answer = await send(secret, '/echo/orders?x=%20y', [], 'the body');
    expect(answer.status).toBe(200);
    expect(answer.headers.get('gatekey-decision')).toBe('admitted');
    expect(answer.headers.get('ratelimit')).toMatch(/^"minute";r=\d+;/);
    expect(answer.headers.get('ratelimit-policy')).toMatch(/^"minute";q=60;/);
    const [seen] = upstream.received;
    expect(seen).toMatchObject({ method: 'POST', url: '/echo/orders?x=%20y', body: 'the body' });
    expect(seen?.headers).toMatchObject({
      'gatekey-key-id': id,
      'gatekey-scopes': 'orders:write',
      'gatekey-workspace-id': expect.stringMatching(/^ws_/),
      'gatekey-request-id': expect.stringMatching(/^req_/),
      'gatekey-identity': expect.stringMatching(/^ey/),
    });
    expect(JSON.stringify(seen)).not.toContain(secret);
  });

  it('refuses with 401 who has no key', async () => {
    const answer = await send(undefined);
    expect([answer.status, codeIn(answer)]).toEqual([401, 'key_missing']);
    expect(answer.headers.get('www-authenticate')).toBe('Bearer realm="gatekey"');
    expect(answer.headers.get('gatekey-decision')).toBe('key_missing');
    expect(answer.headers.get('content-type')).toMatch(/^application\/problem\+json/);
    expect(upstream.received).toEqual([]);
  });

  it('refuses with 403 an address that it tells itself, whatever the client says', async () => {
    const { secret } = await ada.createKey({ ipAllowlist: ['192.0.2.0/24'] });
    const answer = await send(secret, '/echo', ['X-Forwarded-For: 192.0.2.7']);
    expect([answer.status, codeIn(answer)]).toEqual([403, 'ip_not_allowed']);
    expect(upstream.received).toEqual([]);
  });

  it('refuses with 429 over a limit, and says when to come back', async () => {
    const { secret } = await ada.createKey({ limits: { minute: 1 } });
    expect((await send(secret)).status).toBe(200);
    const answer = await send(secret);
    expect([answer.status, codeIn(answer)]).toEqual([429, 'rate_limited']);
    expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(answer.headers.get('ratelimit')).toMatch(/r=0;/);
    expect(answer.headers.get('gatekey-decision')).toBe('rate_limited');
    expect(upstream.received).toHaveLength(1);
  });

  it('refuses two credentials', async () => {
    const { secret } = await ada.createKey();
    const answer = await send(secret, '/echo', [`Authorization: Bearer ${secret}`]);
    expect(answer.status).toBe(400);
    expect(upstream.received).toEqual([]);
  });

  it('lets no client speak for the guard', async () => {
    const { id, secret } = await ada.createKey();
    const forged = ['Gatekey-Key-Id: forged', 'GATEKEY-IDENTITY: forged', 'Gatekey_Key_Id: forged'];
    await send(secret, '/echo', forged);
    const { rawHeaders = [] } = upstream.received[0] ?? {};
    expect(rawHeaders.join('\n')).not.toContain('forged');
    expect(rawHeaders.filter((field) => /^gatekey[-_]key[-_]id$/i.test(field))).toHaveLength(1);
    expect(rawHeaders).toContain(id);
  });

  it('passes what the API itself answers, and lets it not speak for the guard either', async () => {
    const { secret } = await ada.createKey();
    const answer = await send(secret, '/claims');
    expect([answer.status, answer.body]).toEqual([429, expect.stringContaining('theirs')]);
    expect(answer.headers.get('gatekey-decision')).toBe('admitted');
    expect(answer.headers.get('ratelimit')).not.toContain('mine');
    expect((await send(secret, '/500')).status).toBe(500);
    expect((await send(secret, '/401')).headers.get('gatekey-decision')).toBe('admitted');
  });

  it('lets nothing pass while the guard is away', async () => {
    const alone = await start(name, `http://127.0.0.1:${await freePort()}`);
    const { status } = await sendRaw(alone.url, { target: '/echo', headers: ['Authorization: Bearer x'] });
    expect(status).toBeGreaterThanOrEqual(502);
    expect(upstream.received).toEqual([]);
    await end(alone.child);
  });
});
