/** The programs of docs/gateway.md and docs/verify.md, as they stand there. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { type Browser, type TestApp, testApp } from './app.ts';
import { fence } from './page.ts';
import { end, freePort, listening } from './program.ts';

// Debian's own Python has the modules of Debian's packages.
const python = existsSync('/usr/bin/python3') ? '/usr/bin/python3' : 'python3';
const go = ['/usr/bin/go', '/usr/local/go/bin/go', '/usr/local/bin/go'].find((path) => existsSync(path));

let folder: string;
beforeAll(async () => {
  // Beside this file, so that the programs find their libraries where packages are found.
  folder = await mkdtemp(fileURLToPath(new URL('recipe-', import.meta.url)));
});
afterAll(() => rm(folder, { recursive: true }));

/** Writes a program of a page, and tells how it is started. */
async function program(page: string, name: string): Promise<[command: string, ...parameters: string[]]> {
  const file = join(folder, name);
  await writeFile(file, await fence(page, name));
  if (name.endsWith('.py')) return [python, file];
  if (!name.endsWith('.go') || go === undefined) return [process.execPath, file];
  const env = { PATH: process.env.PATH, HOME: folder, GOFLAGS: '-buildvcs=false' };
  execFileSync(go, ['build', '-o', `${file}.bin`, file], { env });
  return [`${file}.bin`];
}

async function start(page: string, name: string, port: number, env: Record<string, string>): Promise<ChildProcess> {
  const [command, ...parameters] = await program(page, name);
  const child = spawn(command, parameters, {
    env: { PATH: process.env.PATH, PORT: String(port), ...env },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  await listening(child, port);
  return child;
}

const identities = ['identity.mjs', 'identity.py', ...(go === undefined ? [] : ['identity.go'])];

describe.each(identities)('docs/gateway.md: %s', (name) => {
  let app: TestApp;
  let api: ChildProcess;
  let upstream: string;
  beforeAll(async () => {
    const port = await freePort();
    upstream = `http://127.0.0.1:${port}`;
    app = await testApp({ env: { UPSTREAM_URL: upstream } });
    api = await start('gateway.md', name, port, { GATEKEY_URL: app.url, UPSTREAM_URL: upstream });
  });
  afterAll(async () => {
    await end(api);
    await app.stop();
  });

  it('knows whose a call through the gateway is, and believes nobody else', async () => {
    const { id, secret } = await (await app.signUp()).createKey({ scopes: ['orders:read'] });
    const through = await app.call(secret, '/api/v1/orders');
    expect([through.status, await through.text()]).toEqual([200, `${id} may orders:read`]);
    expect((await fetch(`${upstream}/api/v1/orders`)).status).toBe(401);
    const other = await testApp({ env: { UPSTREAM_URL: upstream, AUTH_SECRET: 'hV7pQ2zK9mT4xR8wC3nB6yL1dF5gJ0sA' } });
    const foreign = await (await other.signUp()).createKey();
    expect((await other.call(foreign.secret, '/api/v1/orders')).status).toBe(401);
    await other.stop();
  });
});

const middlewares = [
  'express.mjs',
  'fastify.mjs',
  'hono.mjs',
  'fastapi_app.py',
  ...(go === undefined ? [] : ['middleware.go']),
];

describe.each(middlewares)('docs/verify.md: %s', (name) => {
  let app: TestApp;
  let ada: Browser;
  let api: ChildProcess;
  let url: string;
  beforeAll(async () => {
    app = await testApp();
    ada = await app.signUp();
    const { secret } = await ada.createKey({ scopes: ['keys:verify'] });
    const port = await freePort();
    url = `http://127.0.0.1:${port}/orders`;
    await program('verify.md', 'gatekey.mjs');
    api = await start('verify.md', name, port, { GATEKEY_URL: app.url, GATEKEY_SECRET: secret });
  });
  afterAll(() => end(api));

  const call = (secret: string | undefined) =>
    fetch(url, { headers: secret === undefined ? {} : { authorization: `Bearer ${secret}` } });
  const refusal = async (answer: Response) => {
    expect(answer.headers.get('content-type')).toMatch(/^application\/problem\+json/);
    return [answer.status, z.object({ code: z.string() }).parse(await answer.json()).code];
  };

  it('lets a call pass, or refuses it as Gatekey would, and fails closed', async () => {
    const { id, secret } = await ada.createKey({ scopes: ['orders:read'], limits: { minute: 1 } });
    const passed = await call(secret);
    expect([passed.status, (await passed.text()).replaceAll('"', '')]).toEqual([200, `orders of ${id}`]);
    expect(passed.headers.get('ratelimit')).toMatch(/r=0;/);

    const spent = await call(secret);
    expect(Number(spent.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(await refusal(spent)).toEqual([429, 'rate_limited']);
    const none = await call(undefined);
    expect(none.headers.get('www-authenticate')).toBe('Bearer realm="gatekey"');
    expect(await refusal(none)).toEqual([401, 'key_missing']);
    expect(await refusal(await call((await ada.createKey()).secret))).toEqual([403, 'scope_missing']);
    const elsewhere = await ada.createKey({ scopes: ['orders:read'], ipAllowlist: ['192.0.2.0/24'] });
    expect(await refusal(await call(elsewhere.secret))).toEqual([403, 'ip_not_allowed']);

    await app.stop();
    expect(await refusal(await call(secret))).toEqual([503, 'unavailable']);
  });
});
