import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { Readable } from 'node:stream';
import { request } from 'undici';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { type Browser, type TestApp, testApp } from '../../test/app.ts';
import { run, seededPlans } from '../../test/commands.ts';
import { run as command } from '../../test/key-commands.ts';
import { sendRaw } from '../../test/raw.ts';
import { kill, programs, ready, run as runProgram } from '../../test/server-process.ts';
import { largeBody, largeBytes, testUpstream, type Upstream } from '../../test/upstream.ts';

let upstream: Upstream;
let app: TestApp;
let ada: Browser;
let key: { id: string; secret: string };
beforeAll(async () => {
  upstream = await testUpstream();
  app = await testApp({ env: { UPSTREAM_URL: upstream.url, UPSTREAM_TIMEOUT_MS: '700' } });
  ada = await app.signUp();
  await run(ada, 'changePlan', { planId: seededPlans.Unlimited });
  key = await ada.createKey({ scopes: ['keys:read', 'usage:read'], limits: { minute: 100_000 } });
});
beforeEach(() => upstream.forget());
afterAll(async () => {
  await app.stop();
  await upstream.stop();
});

const bearer = (secret = key.secret) => ({ authorization: `Bearer ${secret}` });
const to = (path: string, init: RequestInit = {}) =>
  fetch(`${app.url}/api/v1/${path}`, { ...init, headers: { ...bearer(), ...init.headers } });
const last = () => upstream.received.at(-1);

describe('a call to a path that is not built in', () => {
  it.each(['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'PROPFIND', 'REPORT'])(
    'goes on as %s',
    async (method) => {
      const answer = await to('echo/things?x=1&x=%20', { method });
      expect(answer.status).toBe(200);
      expect(answer.headers.get('gatekey-decision')).toBe('admitted');
      expect(answer.headers.get('ratelimit')).not.toBeNull();
      expect(last()).toMatchObject({ method, url: '/api/v1/echo/things?x=1&x=%20', body: '' });
    },
  );

  it('goes on with a body of any type, and comes back as it was answered', async () => {
    const body = '<a>not JSON</a>'.repeat(20_000);
    const answer = await to('echo', { method: 'POST', body, headers: { 'content-type': 'application/x-anything' } });
    expect(await answer.json()).toEqual({ method: 'POST', url: '/api/v1/echo', body });
    expect(last()?.headers['content-length']).toBe(String(body.length));
    expect(last()?.headers['content-type']).toBe('application/x-anything');
  });

  it('goes on with a body of which nobody knows the length', async () => {
    // More than waits on the way: what has come whole before it goes on has a length that is known.
    const parts = Array.from({ length: 10 }, () => 'ab'.repeat(50_000));
    const body = Readable.from(parts);
    const answer = await request(`${app.url}/api/v1/echo`, { method: 'POST', headers: bearer(), body });
    expect(await answer.body.json()).toMatchObject({ body: parts.join('') });
    expect(last()?.headers['transfer-encoding']).toBe('chunked');
  });

  it('tells the upstream whose it is, and never the key or a session', async () => {
    await to('echo', { headers: { cookie: 'a=1; gatekey.session_token=x.y; b=2; __Secure-gatekey.session_data=z' } });
    expect(last()?.headers).toMatchObject({
      'gatekey-key-id': key.id,
      'gatekey-workspace-id': expect.stringMatching(/^ws_/),
      'gatekey-scopes': 'keys:read usage:read',
      'gatekey-request-id': expect.stringMatching(/^req_/),
      'x-forwarded-for': '127.0.0.1',
      'x-forwarded-host': new URL(app.url).host,
      'x-forwarded-proto': 'http',
      via: '1.1 gatekey',
      host: new URL(upstream.url).host,
      cookie: 'a=1; b=2',
    });
    expect(JSON.stringify(upstream.received)).not.toContain(key.secret);
  });

  it('is refused by the guard before the upstream hears of it', async () => {
    const answer = await fetch(`${app.url}/api/v1/echo`);
    expect([answer.status, answer.headers.get('gatekey-decision')]).toEqual([401, 'key_missing']);
    expect(upstream.received).toEqual([]);
  });

  it('is not one to a built-in path, whatever its method and what follows', async () => {
    for (const path of ['keys/x/y', 'ping/more', '%70ing/more', 'webhooks/a/b', 'deliveries/a/b', 'openapi.json/x']) {
      expect((await to(path)).status, path).toBe(404);
    }
    expect((await to('ping', { method: 'PUT' })).status).toBe(405);
    expect(upstream.received).toEqual([]);
  });

  it('spends the limits of its key like any other', async () => {
    const { secret } = await ada.createKey({ limits: { minute: 2 } });
    const statuses = [];
    for (let i = 0; i < 3; i += 1) statuses.push((await app.call(secret, '/api/v1/echo')).status);
    expect(statuses).toEqual([200, 200, 429]);
    expect(upstream.received).toHaveLength(2);
  });
});

describe('an answer of the upstream', () => {
  it.each([200, 201, 204, 301, 304, 400, 401, 403, 404, 429, 500, 503])('of %i passes untouched', async (status) => {
    const answer = await to(`${status}`, { redirect: 'manual' });
    expect(answer.status).toBe(status);
    expect(answer.headers.get('gatekey-decision')).toBe('admitted');
    expect(await answer.text()).toBe(status === 204 || status === 304 ? '' : `a ${status}`);
  });

  it('cannot speak for the guard, nor sign anybody in', async () => {
    const answer = await to('claims');
    const { headers } = answer;
    expect([answer.status, await answer.text()]).toEqual([429, 'theirs']);
    expect(headers.get('gatekey-decision')).toBe('admitted');
    expect(headers.get('gatekey-anything')).toBeNull();
    expect(headers.get('ratelimit')).not.toContain('mine');
    expect(headers.get('ratelimit-policy')).not.toContain('mine');
    expect(headers.get('request-id')).toMatch(/^req_/);
    expect(headers.get('retry-after')).toBe('7');
    expect(headers.get('www-authenticate')).toBe('Basic realm="behind"');
    expect(headers.get('x-frame-options')).toBe('SAMEORIGIN');
    expect(headers.getSetCookie()).toEqual(['a=1; Path=/', 'b=2']);
    expect(headers.get('x-hop')).toBeNull();
    expect(Buffer.from(headers.get('x-plain') ?? '', 'latin1').toString()).toBe('café');
  });

  it('to HEAD has no body', async () => {
    const answer = await to('200', { method: 'HEAD' });
    expect([answer.status, await answer.text()]).toEqual([200, '']);
  });

  it('that comes before the body was read reaches the client, and its connection serves on', async () => {
    const answer = await to('early', { method: 'POST', body: 'x'.repeat(5_000_000) });
    expect([answer.status, await answer.text()]).toEqual([413, 'too much']);
    expect((await to('200')).status).toBe(200);
  });
});

describe('100 MB', () => {
  it('go through in either direction, wait for a client that does not read, and are not kept', async () => {
    const AUTH_SECRET = 'Xq3vL9sT0bRk7WnZ2mYc5HdJ8fGp4AeU';
    const env = { PORT: '0', DATABASE_URL: app.databaseUrl, AUTH_SECRET, UPSTREAM_URL: upstream.url };
    const server = await ready(runProgram(programs.main, env));
    const url = `${server.url}/api/v1`;
    const call = (path: string, options: Parameters<typeof request>[1] = {}) =>
      request(`${url}/${path}`, { headers: bearer(), ...options });
    const round = async () => {
      const up = await call('upload', { method: 'POST', body: largeBody() });
      expect(await up.body.text()).toBe(String(largeBytes));
      let bytes = 0;
      for await (const chunk of (await call('download')).body) bytes += chunk.length;
      expect(bytes).toBe(largeBytes);
    };
    // Buffers are given back late: what is kept shows in what the same adds when it is done again.
    await round();
    const before = largestBytes(server.child);
    await round();
    await round();
    const stalled = connect(Number(new URL(url).port), '127.0.0.1');
    stalled.write(`GET /api/v1/download HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${key.secret}\r\n\r\n`);
    await once(stalled, 'readable');
    for (let i = 0; i < 50; i += 1) await (await call('200')).body.text();

    expect(largestBytes(server.child) - before).toBeLessThan(largeBytes / 2);
    stalled.destroy();
    await kill(server.child);
  });
});

/** The most memory that a process ever had. */
function largestBytes({ pid }: ChildProcess): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return Number(/VmHWM:\s+(\d+) kB/.exec(status)?.[1]) * 1024;
}

describe('an upstream that fails', () => {
  const problemOf = async (answer: Response) => {
    const { code, request_id } = (await answer.json()) as { code: string; request_id: string };
    expect(request_id).toBe(answer.headers.get('request-id'));
    return [answer.status, code, answer.headers.get('content-type'), answer.headers.get('gatekey-decision')];
  };
  const problem = 'application/problem+json; charset=utf-8';

  it.each(['reset', 'garbage'])('by %s is a 502', async (how) => {
    expect(await problemOf(await to(how))).toEqual([502, 'upstream_unavailable', problem, 'admitted']);
    const posted = await to(how, { method: 'POST', body: 'x'.repeat(1_000_000) });
    expect(await problemOf(posted)).toEqual([502, 'upstream_unavailable', problem, 'admitted']);
  });

  it('by not being there is a 502, until it is', async () => {
    const other = await testUpstream();
    const port = Number(new URL(other.url).port);
    await other.stop();
    const mine = await testApp({ env: { UPSTREAM_URL: other.url } });
    const { secret } = await (await mine.signUp()).createKey();
    expect(await problemOf(await mine.call(secret, '/api/v1/echo'))).toEqual([
      502,
      'upstream_unavailable',
      problem,
      'admitted',
    ]);
    const back = await testUpstream(port);
    expect((await mine.call(secret, '/api/v1/echo')).status).toBe(200);
    await mine.stop();
    await back.stop();
  });

  it('by hanging is a 504, and is left', async () => {
    const opened = upstream.nextOpen();
    expect(await problemOf(await to('hang'))).toEqual([504, 'upstream_timeout', problem, 'admitted']);
    await (await opened).left;
  });

  it('by not speaking at all is a 504', async () => {
    const silent = createServer(() => {}).listen(0, '127.0.0.1');
    await once(silent, 'listening');
    const address = silent.address();
    if (address === null || typeof address === 'string') throw new Error('no port');
    const mine = await testApp({
      env: { UPSTREAM_URL: `http://127.0.0.1:${address.port}`, UPSTREAM_TIMEOUT_MS: '200' },
    });
    const { secret } = await (await mine.signUp()).createKey();
    const answer = await mine.call(secret, '/api/v1/echo', { upgrade: 'websocket' }).catch(() => undefined);
    expect(answer?.status ?? 504).toBe(504);
    expect((await mine.call(secret, '/api/v1/echo')).status).toBe(504);
    await mine.stop();
    silent.close();
  });

  it('in the middle of a body breaks off for the client too', async () => {
    const answer = await to('short');
    expect(answer.status).toBe(200);
    await expect(answer.text()).rejects.toThrow();
  });

  it('by sending more than it announced is cut where it said', async () => {
    const answer = await sendRaw(app.url, { target: '/api/v1/long', headers: [`Authorization: Bearer ${key.secret}`] });
    expect(answer.body).toBe('four');
  });

  it('by framing a body in two ways cannot be believed', async () => {
    const answer = await sendRaw(app.url, { target: '/api/v1/both', headers: [`Authorization: Bearer ${key.secret}`] });
    expect([answer.status, answer.body.includes('upstream_unavailable')]).toEqual([502, true]);
  });
});

describe('a client that leaves', () => {
  it('is left by the upstream', async () => {
    const opened = upstream.nextOpen();
    const away = new AbortController();
    const answer = to('hang', { signal: away.signal }).catch(() => 'gone');
    const { left } = await opened;
    away.abort();
    expect(await answer).toBe('gone');
    await left;
  });
});

describe('an event stream', () => {
  it('comes as it is sent, and ends when the client leaves', async () => {
    const opened = upstream.nextOpen();
    const away = new AbortController();
    const answer = await to('events', { signal: away.signal });
    const reader = answer.body?.getReader();
    expect(Buffer.from((await reader?.read())?.value ?? []).toString()).toBe('data: 1\n\n');
    away.abort();
    await (await opened).left;
  });

  it('ends with the right of its key', async () => {
    const mine = await ada.createKey();
    const opened = upstream.nextOpen();
    const answer = await app.call(mine.secret, '/api/v1/events');
    await command(ada, 'disableKey', mine.id);
    await (await opened).left;
    await expect(answer.text()).rejects.toThrow();
  });
});

describe('a WebSocket', () => {
  const open = (secret: string | undefined, path = 'socket') =>
    new WebSocket(`${app.url.replace('http', 'ws')}/api/v1/${path}`, {
      headers: secret === undefined ? {} : { ...bearer(secret), 'gatekey-key-id': 'forged' },
    });

  it('goes through, either way, with the identity of its key', async () => {
    const opened = upstream.nextOpen();
    const socket = open(key.secret);
    const [welcome] = await once(socket, 'message');
    expect(String(welcome)).toBe('welcome');
    socket.send(Buffer.alloc(300_000, 7));
    const [echo] = await once(socket, 'message');
    expect(echo).toEqual(Buffer.alloc(300_000, 7));
    expect(last()?.headers).toMatchObject({ 'gatekey-key-id': key.id });
    expect(last()?.headers.authorization).toBeUndefined();
    socket.close();
    await (await opened).left;
  });

  it('tells on the 101 what the guard decided', async () => {
    const socket = open(key.secret);
    const [answer] = await once(socket, 'upgrade');
    expect(answer.headers).toMatchObject({ 'gatekey-decision': 'admitted', ratelimit: expect.any(String) });
    socket.terminate();
  });

  it('is refused in the words of HTTP by the guard, and by the upstream', async () => {
    const [, refused] = await once(open(undefined), 'unexpected-response');
    expect([refused.statusCode, refused.headers['gatekey-decision']]).toEqual([401, 'key_missing']);
    const [, theirs] = await once(open(key.secret, 'refused'), 'unexpected-response');
    expect([theirs.statusCode, theirs.headers['gatekey-decision']]).toEqual([418, 'admitted']);
  });

  it('ends with the right of its key', async () => {
    const mine = await ada.createKey();
    const socket = open(mine.secret);
    await once(socket, 'message');
    const closed = once(socket, 'close');
    await command(ada, 'revokeKey', mine.id);
    await closed;
  });
});
