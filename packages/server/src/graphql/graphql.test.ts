import { on, once } from 'node:events';
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { ask, type Browser, type TestApp, testApp } from '../../test/app.ts';
import { printedSchema, snapshotUrl } from '../../test/schema.ts';

let app: TestApp;
let ada: Browser;
beforeAll(async () => {
  app = await testApp();
  ada = await app.signUp();
});
afterAll(() => app.stop());

const viewer = JSON.stringify({ query: '{ viewer { isOperator } }' });
const send = (headers: Record<string, string>, body: string = viewer, type = 'application/json') =>
  fetch(`${app.url}/graphql`, { method: 'POST', headers: { 'content-type': type, ...headers }, body });
const codeOf = async (answer: Response) => (await answer.json()).errors?.[0]?.extensions?.code;

describe('the schema', () => {
  it('is the one that is checked in', () => {
    expect(readFileSync(snapshotUrl, 'utf8'), 'write it anew with: pnpm --filter @gatekey/server schema').toBe(
      printedSchema(),
    );
  });
});

describe('who may ask', () => {
  it('nobody, who is told to sign in', async () => {
    expect(await codeOf(await send({}))).toBe('UNAUTHENTICATED');
  });

  it('a session from our own pages', async () => {
    expect(await (await send({ cookie: ada.cookie, origin: app.url })).json()).toEqual({
      data: { viewer: { isOperator: true } },
    });
  });

  it.each([
    ['a page of another origin', { origin: 'https://evil.example' }],
    ['a page that hides its origin', { origin: 'null' }],
    ['neither Origin nor Sec-Fetch-Site', {}],
    ['a cross-site request', { 'sec-fetch-site': 'cross-site' }],
    ['a request of a sibling domain', { 'sec-fetch-site': 'same-site' }],
    ['a page whose name begins like ours', { origin: 'OURS.evil.example' }],
    ['a page on another port', { origin: 'http://127.0.0.1:1' }],
    ['a page of ours, by another scheme', { origin: 'https://127.0.0.1' }],
    ['two origins', { origin: 'OURS, https://evil.example' }],
  ])('not a session that comes with %s', async (_case, headers: Record<string, string>) => {
    const { origin, ...others } = headers;
    const named = origin === undefined ? {} : { origin: origin.replace('OURS', app.url) };
    const answer = await send({ cookie: ada.cookie, ...others, ...named });
    expect([answer.status, (await answer.json()).code]).toEqual([403, 'origin_not_allowed']);
  });

  it('no foreign page is told that it may read answers', async () => {
    const answer = await send({ origin: 'https://evil.example' });
    expect(answer.headers.get('access-control-allow-origin')).toBeNull();
  });

  it('a key, as a call like any other', async () => {
    const { secret, id } = await ada.createKey({ limits: { minute: 1 } });
    const authorization = `Bearer ${secret}`;
    const first = await send({ authorization }, JSON.stringify({ query: '{ viewer { key { id } user { id } } }' }));
    expect(await first.json()).toEqual({ data: { viewer: { key: { id }, user: null } } });
    expect(first.headers.get('ratelimit')).toContain('"key-minute";r=0');
    const second = await send({ authorization });
    expect([second.status, (await second.json()).code]).toEqual([429, 'rate_limited']);
    expect(second.headers.get('retry-after')).toMatch(/^\d+$/);
  });

  it('not two credentials at once', async () => {
    const { secret } = await ada.createKey();
    const answer = await send({ authorization: `Bearer ${secret}`, cookie: ada.cookie, origin: app.url });
    expect([answer.status, (await answer.json()).code]).toEqual([400, 'credential_ambiguous']);
  });
});

describe('a key', () => {
  it('manages keys with the scopes for it, and gives no scope that it lacks', async () => {
    const { secret, id } = await ada.createKey({ scopes: ['keys:read', 'keys:write'] });
    const create = (scopes: string[]) =>
      ask(
        app.url,
        { authorization: `Bearer ${secret}` },
        `mutation ($input: CreateKeyInput!) { createKey(input: $input) {
          ... on CreateKeyPayload { key { createdBy { ... on ApiKey { id } } } } ... on Error { code } } }`,
        { input: { name: 'By a program', scopes } },
      );
    expect(await create(['keys:read'])).toEqual({ createKey: { key: { createdBy: { id } } } });
    expect(await create(['usage:read'])).toEqual({ createKey: { code: 'FORBIDDEN' } });
  });

  it('without them sees itself alone and changes nothing', async () => {
    const { secret, id } = await ada.createKey();
    const other = await ada.createKey();
    const headers = { authorization: `Bearer ${secret}` };
    expect(await ask(app.url, headers, '{ workspace { keys { edges { node { id } } } } }', {})).toEqual({
      workspace: { keys: { edges: [{ node: { id } }] } },
    });
    expect(
      await ask(app.url, headers, `mutation { revokeKey(id: "${other.id}") { ... on Error { code } } }`, {}),
    ).toEqual({
      revokeKey: { code: 'FORBIDDEN' },
    });
  });
});

describe('a request', () => {
  it.each(['application/x-www-form-urlencoded', 'multipart/form-data; boundary=x', 'text/plain'])(
    'of type %s, which any page can send, is not read',
    async (type) => {
      const answer = await send({ cookie: ada.cookie, origin: app.url }, viewer, type);
      expect([answer.status, (await answer.json()).code]).toEqual([415, 'unsupported_media_type']);
    },
  );

  it('of more than 100 kB is refused', async () => {
    const answer = await send({}, JSON.stringify({ query: `# ${'x'.repeat(110_000)}\n{ viewer { isOperator } }` }));
    expect([answer.status, (await answer.json()).code]).toEqual([413, 'payload_too_large']);
  });

  it('of more than 2,000 tokens is refused', async () => {
    const accept = 'application/graphql-response+json';
    const answer = await send({ accept }, JSON.stringify({ query: `{ ${'__typename '.repeat(2_100)} }` }));
    expect(answer.status).toBe(400);
    expect(await codeOf(answer)).toBe('QUERY_TOO_COMPLEX');
  });

  it('cannot change anything by GET', async () => {
    const query = encodeURIComponent('mutation { disableKey(id: "x") { __typename } }');
    const answer = await fetch(`${app.url}/graphql?query=${query}`, {
      headers: { cookie: ada.cookie, 'sec-fetch-site': 'same-origin' },
    });
    expect(answer.status).toBe(405);
  });
});

describe('a WebSocket', () => {
  const open = (headers: Record<string, string>, path = '/graphql') =>
    new WebSocket(`${app.url.replace('http', 'ws')}${path}`, 'graphql-transport-ws', { headers });
  const closing = async (socket: WebSocket, params?: object) => {
    await once(socket, 'open');
    const closed = once(socket, 'close');
    socket.send(JSON.stringify({ type: 'connection_init', payload: params }));
    return (await closed)[0];
  };
  const refused = async (socket: WebSocket) => String((await once(socket, 'error'))[0]);

  it.each(['https://evil.example', 'null', 'http://127.0.0.1:1', 'OURS.evil.example'])(
    'of a page at %s is not opened, with a cookie or without',
    async (page) => {
      const origin = page.replace('OURS', app.url);
      expect(await refused(open({ cookie: ada.cookie, origin }))).toContain('403');
      expect(await refused(open({ origin }))).toContain('403');
    },
  );

  it('that comes with a cookie from no page at all is closed with 4403', async () => {
    expect(await closing(open({ cookie: ada.cookie }))).toBe(4403);
  });

  it('opens on /graphql alone', async () => {
    expect(await refused(open({ cookie: ada.cookie, origin: app.url }, '/other'))).toContain('404');
  });

  it('of nobody is closed with 4401', async () => {
    expect(await closing(open({ origin: app.url }))).toBe(4401);
    expect(await closing(open({}), { authorization: 'Bearer gk_nonsense' })).toBe(4401);
  });

  it('with two credentials is closed with 4400', async () => {
    const { secret } = await ada.createKey();
    expect(await closing(open({ cookie: ada.cookie, origin: app.url }), { authorization: `Bearer ${secret}` })).toBe(
      4400,
    );
  });

  it('of a key from an address that it does not allow is closed with 4403', async () => {
    const { secret } = await ada.createKey({ ipAllowlist: ['192.0.2.1'] });
    expect(await closing(open({}), { authorization: `Bearer ${secret}` })).toBe(4403);
  });

  it('carries 50 subscriptions, and one more when one has ended', async () => {
    const socket = open({ cookie: ada.cookie, origin: app.url });
    await once(socket, 'open');
    const send = (message: object) => socket.send(JSON.stringify(message));
    const received = on(socket, 'message');
    /** The next message of an operation. */
    const next = async (id: string): Promise<unknown> => {
      for (;;) {
        const { value } = await received.next();
        const message = JSON.parse(String(value?.[0]));
        if (message.id === id) return message;
      }
    };
    const subscribe = (id: string, query: string) => send({ id, type: 'subscribe', payload: { query } });
    send({ type: 'connection_init' });
    await once(socket, 'message');
    for (let i = 1; i <= 51; i++) subscribe(String(i), 'subscription { keyChanged { keyId } }');
    expect(await next('51')).toMatchObject({ type: 'error', payload: [{ extensions: { code: 'QUERY_TOO_COMPLEX' } }] });
    send({ id: '7', type: 'complete' });
    subscribe('52', '{ viewer { isOperator } }');
    expect(await next('52')).toMatchObject({ type: 'next' });
    socket.close();
    await once(socket, 'close');
  });

  it('is closed by a message of more than 64 kB', async () => {
    const socket = open({ cookie: ada.cookie, origin: app.url });
    await once(socket, 'open');
    const closed = once(socket, 'close');
    socket.send('x'.repeat(70_000));
    expect((await closed)[0]).toBe(1009);
  });
});
