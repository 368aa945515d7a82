import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { type Browser, type TestApp, testApp } from '../../test/app.ts';
import { asKey, makeCostRule, workspaceOf } from '../../test/commands.ts';
import { type TestDatabase, testDatabase } from '../../test/database.ts';
import { type TestRedis, testRedis } from '../../test/redis.ts';
import { restWith } from '../../test/rest.ts';
import { testUpstream, type Upstream } from '../../test/upstream.ts';
import { watchSocket } from '../../test/watch.ts';

const Logged = z.looseObject({ id: z.string() });
const Batch = z.object({ requests: z.object({ requests: z.array(Logged), leftOut: z.number() }) });
const plain = 'id method path status code keyId address durationMs cost';

let redis: TestRedis;
let database: TestDatabase;
let upstream: Upstream;
let one: TestApp;
let other: TestApp;
let operator: Browser;
beforeAll(async () => {
  [redis, database, upstream] = await Promise.all([testRedis(), testDatabase(), testUpstream()]);
  const options = { databaseUrl: database.url, env: { REDIS_URL: redis.url, UPSTREAM_URL: upstream.url } };
  [one, other] = await Promise.all([testApp(options), testApp(options)]);
  operator = await one.signUp('Olga');
});
afterAll(async () => {
  await Promise.all([one.stop(), other.stop()]);
  await Promise.all([redis.stop(), database.drop(), upstream.stop()]);
});

/** A request by its id, as soon as it is in the log. */
async function logged(who: Pick<Browser, 'graphql'>, id: string | null, fields = plain) {
  const Answer = z.object({ request: Logged.nullable() });
  const read = async () => Answer.parse(await who.graphql(`{ request(id: "${id}") { id ${fields} } }`)).request;
  await expect.poll(read, { interval: 20 }).not.toBeNull();
  return read();
}
const idIn = (answer: { headers: Headers }) => answer.headers.get('request-id');

describe('a call on one server', () => {
  it('is within a second in the tail of whoever watches on another, and tells no value of its query', async () => {
    const ada = await one.signUp();
    const { id: keyId, secret } = await ada.createKey({ name: 'Shop' });
    const tail = `subscription { requests { leftOut requests { ${plain} key { name } refusal { scope } } } }`;
    const watch = watchSocket(other.url, ada, tail);
    expect(Batch.parse((await watch.until(() => true)).data).requests).toEqual({ requests: [], leftOut: 0 });

    const calledAt = Date.now();
    const answer = await one.call(secret, `/api/v1/ping?token=hidden-value&also=${secret}`);
    const { data, receivedAt } = await watch.until((data) => Batch.parse(data).requests.requests.length > 0);
    console.log(`a call on one server was in the tail of another after ${receivedAt - calledAt} ms`);
    expect(receivedAt - calledAt).toBeLessThanOrEqual(1_000);
    expect(Batch.parse(data).requests.requests).toEqual([
      {
        ...{ id: idIn(answer), method: 'GET', path: '/api/v1/ping?token=…&also=…', status: 200, code: null, cost: 1 },
        ...{ keyId, key: { name: 'Shop' }, address: '127.0.0.1', durationMs: expect.any(Number), refusal: null },
      },
    ]);
    await watch.close();

    const admin = new Redis(redis.url);
    const kept = JSON.stringify(await admin.xrange(`gatekey:{${await workspaceOf(ada)}}:requests`, '-', '+'));
    admin.disconnect();
    expect(kept).toContain(idIn(answer));
    for (const hidden of ['hidden-value', secret, secret.slice(3, 20)]) expect(kept).not.toContain(hidden);
  });

  it('is shown to nobody of another workspace, in no way', async () => {
    const [ada, eve] = [await one.signUp('Ada'), await one.signUp('Eve')];
    const answer = await one.call((await ada.createKey()).secret);
    await logged(ada, idIn(answer));
    const ws = await workspaceOf(ada);
    expect(await eve.graphql(`{ request(id: "${idIn(answer)}") { id } }`)).toEqual({ request: null });
    expect(await eve.graphql(`{ request(workspaceId: "${ws}", id: "${idIn(answer)}") { id } }`)).toEqual({
      request: null,
    });
    expect(await eve.graphql('{ workspace { requests { edges { cursor } } } }')).toEqual({
      workspace: { requests: { edges: [] } },
    });
    const spy = `subscription { requests(workspaceId: "${ws}") { leftOut } }`;
    await expect(watchSocket(other.url, eve, spy).until(() => true)).rejects.toThrow('No such workspace');
  });
});

describe('a refused call', () => {
  const why =
    'status code cost refusal { scope allowlistOf since limit { owner window quota } } explanation { why mend }';
  it('says why, and what to do, by its id', async () => {
    const ada = await one.signUp();
    const refused = async (input: object, path?: string, before?: (key: { id: string; secret: string }) => unknown) => {
      const key = await ada.createKey(input);
      await before?.(key);
      return logged(ada, idIn(await one.call(key.secret, path)), why);
    };
    const nothing = { scope: null, allowlistOf: null, since: null, limit: null };

    const limited = await refused({ limits: { day: 1 } }, undefined, ({ secret }) => one.call(secret));
    expect(limited).toMatchObject({
      ...{ status: 429, code: 'quota_exceeded', cost: 0 },
      refusal: { ...nothing, limit: { owner: 'KEY', window: 'DAY', quota: 1 } },
      explanation: {
        why: 'All 1 calls a day of the key (`key-day`) were used up.',
        mend: expect.stringMatching(/^Calls pass again from \d{4}-\d\d-\d\dT00:00:00\.000Z on/),
      },
    });
    expect(await refused({ ipAllowlist: ['198.51.100.0/24'] })).toMatchObject({
      ...{ status: 403, code: 'ip_not_allowed', refusal: { ...nothing, allowlistOf: 'KEY' } },
      explanation: { why: 'It came from 127.0.0.1, which the allowlist of the key does not have.' },
    });
    expect(await refused({}, '/api/v1/keys')).toMatchObject({
      ...{ status: 403, code: 'scope_missing', refusal: { ...nothing, scope: 'keys:read' } },
    });
    const disable = ({ id }: { id: string }) => ada.graphql(`mutation { disableKey(id: "${id}") { __typename } }`);
    expect(await refused({}, undefined, disable)).toMatchObject({
      ...{ status: 401, code: 'key_disabled', refusal: { ...nothing, since: expect.any(String) } },
    });
  });

  it('of a key that is not known is in no log', async () => {
    const ada = await one.signUp();
    const { secret } = await ada.createKey();
    await one.call(`gk_${'0'.repeat(36)}`);
    await one.call(undefined);
    const last = await one.call(secret);
    await logged(ada, idIn(last));
    const data = await ada.graphql('{ workspace { requests { edges { node { id } } } } }');
    expect(data).toEqual({ workspace: { requests: { edges: [{ node: { id: idIn(last) } }] } } });
  });
});

describe('every door', () => {
  it('notes its calls once, as the client was answered', async () => {
    const ada = await one.signUp();
    const key = await ada.createKey({ scopes: ['keys:verify', 'usage:read', 'keys:read'] });
    const tight = await ada.createKey({ limits: { day: 1 } });
    await makeCostRule(operator, { path: '/api/v1/dear/**', cost: 3, charge: 'NOT_ON_5XX' });
    const rest = restWith(one, key.secret);

    const free = await rest('GET', '/limits');
    const wrong = await rest('POST', '/keys', {});
    const dear = await one.call(key.secret, '/api/v1/dear/418?x=1');
    const failed = await one.call(key.secret, '/api/v1/dear/503');
    const forwarded = await one.call(key.secret, '/forward-auth');
    const verified = await rest('POST', '/verify', { secret: tight.secret, ip: '198.51.100.9' });
    const spent = await rest('POST', '/verify', { secret: tight.secret, ip: '198.51.100.9' });
    const unknown = await rest('POST', '/verify', { secret: 'gk_unknown' });
    const asked = asKey(one, key.secret);
    await asked.graphql('{ viewer { scopes } }');
    const watch = watchSocket(one.url, key, 'subscription { usage { seq } }');
    await watch.until(() => true);
    await watch.close();

    const read = async () =>
      z
        .object({ workspace: z.object({ requests: z.object({ edges: z.array(z.object({ node: Logged })) }) }) })
        .parse(await ada.graphql(`{ workspace { requests { edges { node { ${plain} } } } } }`))
        .workspace.requests.edges.map(({ node }) => node)
        .toReversed();
    await expect.poll(read, { interval: 20 }).toHaveLength(10);
    const own = { keyId: key.id, address: '127.0.0.1' };
    const told = { keyId: tight.id, address: '198.51.100.9', method: 'POST', path: '/api/v1/verify' };
    expect(await read()).toMatchObject([
      { ...own, id: idIn(free), method: 'GET', path: '/api/v1/limits', status: 200, cost: 0 },
      { ...own, id: idIn(wrong), method: 'POST', path: '/api/v1/keys', status: 403, code: 'scope_missing', cost: 0 },
      { ...own, id: idIn(dear), path: '/api/v1/dear/418?x=…', status: 418, code: null, cost: 3 },
      { ...own, id: idIn(failed), path: '/api/v1/dear/503', status: 503, code: null, cost: 0 },
      { ...own, id: idIn(forwarded), method: 'GET', path: '/forward-auth', status: 200, cost: 1 },
      { ...told, id: idIn(verified), status: 200, code: null, cost: 1 },
      { ...told, id: idIn(spent), status: 429, code: 'quota_exceeded', cost: 0 },
      { ...own, id: idIn(unknown), method: 'POST', path: '/api/v1/verify', status: 200, cost: 0 },
      { ...own, method: 'POST', path: '/graphql', status: 200, cost: 1 },
      { ...own, method: 'GET', path: '/graphql', status: 101, cost: 1 },
    ]);
  });

  it('has a call whose client left before it was answered', async () => {
    const ada = await one.signUp();
    const { secret } = await ada.createKey();
    const opened = upstream.nextOpen();
    const away = new AbortController();
    const headers = { authorization: `Bearer ${secret}` };
    const answer = fetch(`${one.url}/api/v1/hang`, { headers, signal: away.signal }).catch(() => 'gone');
    await opened;
    away.abort();
    await answer;
    const asked = `{ workspace { requests { edges { node { path status code cost explanation { what } } } } } }`;
    const nodes = () => ada.graphql(asked).then((data) => JSON.stringify(data));
    await expect.poll(nodes).toContain('"path":"/api/v1/hang","status":499,"code":null,"cost":1');
    expect(await nodes()).toContain('its client left after');
  });

  it('tells a fault of the API behind from one of the way there', async () => {
    const ada = await one.signUp();
    const { secret } = await ada.createKey();
    const lonely = await testApp({
      databaseUrl: database.url,
      env: { REDIS_URL: redis.url, UPSTREAM_URL: 'http://127.0.0.1:9' },
    });
    const answer = await lonely.call(secret, '/api/v1/orders');
    expect(await logged(ada, idIn(answer), `${plain} refusal { scope }`)).toMatchObject({
      ...{ status: 502, code: 'upstream_unavailable', refusal: null },
    });
    await lonely.stop();
  });
});

describe('the log of a workspace', () => {
  it('is read in pages, from either end, of what fits', async () => {
    const ada = await one.signUp();
    const { secret } = await ada.createKey();
    for (let call = 1; call <= 5; call++)
      await one.call(secret, call === 3 ? '/api/v1/keys' : `/api/v1/ping?n${call}=`);
    const paths = async (args: string) => {
      const data = await ada.graphql(`{ workspace { requests(${args}) {
        edges { cursor node { path } } pageInfo { hasNextPage hasPreviousPage endCursor startCursor } } } }`);
      const page = z.object({
        edges: z.array(z.object({ node: z.object({ path: z.string() }) })),
        pageInfo: z.looseObject({ endCursor: z.string(), startCursor: z.string() }),
      });
      const { edges, pageInfo } = z.object({ workspace: z.object({ requests: page }) }).parse(data).workspace.requests;
      return { paths: edges.map(({ node }) => node.path.replace('/api/v1/', '')), ...pageInfo };
    };
    await expect.poll(async () => (await paths('first: 9')).paths.length, { interval: 20 }).toBe(5);
    const newest = await paths('first: 2');
    expect(newest).toMatchObject({ paths: ['ping?n5=…', 'ping?n4=…'], hasNextPage: true, hasPreviousPage: false });
    const rest = await paths(`first: 9, after: "${newest.endCursor}"`);
    expect(rest).toMatchObject({ paths: ['keys', 'ping?n2=…', 'ping?n1=…'], hasNextPage: false });
    expect((await paths('last: 2')).paths).toEqual(['ping?n2=…', 'ping?n1=…']);
    expect((await paths(`last: 1, before: "${rest.startCursor}"`)).paths).toEqual(['ping?n4=…']);
    const kinds = ['status: "4xx"', 'status: "403"', 'refused: true', 'code: "scope_missing"', 'path: "/api/v1/k"'];
    for (const filter of kinds) expect((await paths(`filter: { ${filter} }`)).paths).toEqual(['keys']);
    expect((await paths('filter: { refused: false, method: "get" }')).paths).toHaveLength(4);
    for (const bad of ['filter: { status: "many" }', `after: "${Buffer.from('GPC:S:x').toString('base64')}"`]) {
      await expect(paths(bad)).rejects.toThrow(/`(status|after)`/);
    }
  });

  it('cannot be read while Redis is away, and says so; calls go on', async () => {
    const ada = await one.signUp();
    const { secret } = await ada.createKey();
    expect((await one.call(secret)).status).toBe(200);
    redis.pause();
    await expect(ada.graphql('{ workspace { requests { edges { cursor } } } }')).rejects.toThrow(
      'The request log cannot be read at the moment.',
    );
    expect((await one.call(secret)).status).toBe(200);
    const dropped = async () =>
      Number(/^gatekey_requests_dropped_total (\d+)$/m.exec(await (await fetch(`${one.url}/metrics`)).text())?.[1]);
    await expect.poll(dropped).toBeGreaterThan(0);
    redis.resume();
  });
});
