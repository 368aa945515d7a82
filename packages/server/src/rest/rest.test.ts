import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Browser, type TestApp, testApp } from '../../test/app.ts';
import { run as command, seededPlans } from '../../test/commands.ts';
import { keyIn, problemIn, type Rest, restWith } from '../../test/rest.ts';

let app: TestApp;
let ada: Browser;
let rest: Rest;
let now = Date.parse('2026-01-31T12:00:00.250Z');
beforeAll(async () => {
  app = await testApp({ clock: { now: () => now } });
  ada = await app.signUp('Ada');
  await command(ada, 'changePlan', { planId: seededPlans.Unlimited });
  rest = await manager();
});
afterAll(() => app.stop());

const scopes = ['keys:read', 'keys:write', 'usage:read'];
const manager = async () => restWith(app, (await ada.createKey({ scopes })).secret);

describe('a body', () => {
  const invalid = { status: 422, code: 'invalid_input' };
  it.each([
    ['that is cut', '{"name":', {}, { status: 400, code: 'bad_request' }],
    ['that names the prototype', '{"name":"x","__proto__":{}}', {}, { status: 400, code: 'bad_request' }],
    ['of more than 100 kB', `{"name":"${'x'.repeat(102_400)}"}`, {}, { status: 413, code: 'payload_too_large' }],
    ['of text', '{"name":"x"}', { 'content-type': 'text/plain' }, { status: 415, code: 'unsupported_media_type' }],
    [
      'of a form',
      'name=x',
      { 'content-type': 'application/x-www-form-urlencoded' },
      { status: 415, code: 'unsupported_media_type' },
    ],
    ['that is empty', '', {}, { ...invalid, paths: ['name'] }],
    ['that is a list', '[]', {}, { ...invalid, paths: [''] }],
    ['that is null', 'null', {}, { ...invalid, paths: [''] }],
    [
      'with unknown fields',
      '{"name":"x","ipAllowlist":[],"limits":{"hour":1}}',
      {},
      { ...invalid, paths: ['limits.hour', 'ipAllowlist'] },
    ],
    [
      'with many mistakes',
      '{"scopes":["Upper"],"expires_at":"tomorrow","ip_allowlist":["10.0.0.1","127.1"],"limits":{"day":0}}',
      {},
      { ...invalid, paths: ['name', 'scopes.0', 'expires_at', 'ip_allowlist.1', 'limits.day'] },
    ],
    [
      'whose expiry lies in the past',
      '{"name":"x","expires_at":"2020-01-01T00:00:00Z"}',
      {},
      { ...invalid, paths: ['expires_at'] },
    ],
  ])('%s is refused', async (_what, body, headers, refusal) => {
    expect(problemIn(await rest('POST', '/keys', body, headers))).toEqual(refusal);
  });

  it('may be left out where nothing must be in it, whatever type is named', async () => {
    const { id } = await ada.createKey();
    expect((await rest('POST', `/keys/${id}/disable`, '')).status).toBe(200);
    expect(
      (await rest('POST', `/keys/${id}/rotate`, '', { 'content-type': 'application/json; charset=utf-8' })).status,
    ).toBe(200);
  });
});

describe('a method that a path does not take', () => {
  it.each([
    ['PUT', '/keys', 'GET, HEAD, POST'],
    ['POST', '/ping', 'GET, HEAD'],
    ['GET', '/keys/key_1/rotate', 'POST'],
    ['OPTIONS', '/usage', 'GET, HEAD'],
  ])('%s %s is 405 with those that it takes, before any body is read', async (method, path, allowed) => {
    const body = method === 'GET' ? undefined : 'no JSON';
    const answer = await rest(method, path, body, body === undefined ? {} : { 'content-type': 'text/plain' });
    expect(problemIn(answer)).toEqual({ status: 405, code: 'method_not_allowed' });
    expect(answer.headers.get('allow')).toBe(allowed);
  });

  it('is 404 where there is no path, and 401 without a key', async () => {
    expect(problemIn(await rest('PUT', '/nothing'))).toEqual({ status: 404, code: 'not_found' });
    expect((await fetch(`${app.url}/api/v1/keys`, { method: 'PUT' })).status).toBe(401);
  });
});

describe('a create with an Idempotency-Key', () => {
  const create = (name: string, body: object, by = rest) => by('POST', '/keys', body, { 'idempotency-key': name });

  it('said again gives the same key without its secret, and says so', async () => {
    const body = { name: 'Once', metadata: { a: 1, b: 2 }, limits: { day: 1 } };
    const first = await create('again', body);
    expect([first.status, first.headers.get('idempotent-replayed')]).toEqual([201, null]);
    const { secret: _, ...key } = keyIn(first);
    const replay = await create('again', { limits: { day: 1, month: null }, metadata: { b: 2, a: 1 }, name: ' Once' });
    expect([replay.status, replay.headers.get('idempotent-replayed')]).toEqual([200, 'true']);
    expect(replay.body).toEqual(key);
  });

  it('with another body is a conflict', async () => {
    await create('other', { name: 'One' });
    expect(problemIn(await create('other', { name: 'Two' }))).toEqual({ status: 409, code: 'conflict' });
  });

  it('makes one key, however many say it at once', async () => {
    const answers = await Promise.all(Array.from({ length: 12 }, () => create('at-once', { name: 'At once' })));
    expect(new Set(answers.map((answer) => keyIn(answer).id)).size).toBe(1);
    expect(answers.map(({ status }) => status).toSorted()).toEqual([...Array(11).fill(200), 201]);
  });

  it('is the caller’s own, and the same through either door', async () => {
    const { secret } = await ada.createKey({ scopes });
    const first = await create('mine', { name: 'Mine' }, restWith(app, secret));
    const other = await create('mine', { name: 'Mine' });
    expect([first.status, other.status]).toEqual([201, 201]);
    const query = `mutation { createKey(input: { name: "Mine", idempotencyKey: "mine" }) {
      ... on CreateKeyPayload { key { id } secret } } }`;
    const answer = await fetch(`${app.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${secret}` },
      body: JSON.stringify({ query }),
    });
    expect(await answer.json()).toEqual({ data: { createKey: { key: { id: keyIn(first).id }, secret: null } } });
  });

  it('is forgotten after 24 hours', async () => {
    const first = await create('a-day', { name: 'A day' });
    now += 24 * 3_600_000 - 1;
    expect((await create('a-day', { name: 'A day' })).status).toBe(200);
    now += 1;
    const later = await create('a-day', { name: 'Another day' });
    expect([later.status, keyIn(later).id === keyIn(first).id]).toEqual([201, false]);
  });

  it.each([['a b'], ['x'.repeat(256)], ['é']])('takes visible ASCII characters: not %j', async (name) => {
    expect(problemIn(await create(name, { name: 'x' }))).toEqual({
      status: 422,
      code: 'invalid_input',
      paths: ['Idempotency-Key'],
    });
  });
});

describe('usage', () => {
  const range = 'from=2026-01-01T00:00:00Z&to=2026-01-03T00:00:00Z&step=day';

  it('is a point for each step, of the workspace or of one key', async () => {
    const { id } = await ada.createKey();
    const point = { accepted: 0, refused: 0, refusals: [] };
    for (const query of [range, `${range}&key_id=${id}`, range.replace('day', 'DAY')]) {
      const { status, body } = await rest('GET', `/usage?${query}`);
      expect([status, body]).toEqual([
        200,
        {
          data: [
            { at: '2026-01-01T00:00:00.000Z', ...point },
            { at: '2026-01-02T00:00:00.000Z', ...point },
          ],
          next_cursor: null,
        },
      ]);
    }
  });

  it('holds what was counted, refused calls by reason', async () => {
    const { id, secret } = await ada.createKey({ limits: { day: 2 } });
    for (let calls = 0; calls < 3; calls++) await app.call(secret);
    const minute = new Date(now - (now % 60_000));
    const query = `from=${minute.toISOString()}&to=${new Date(now).toISOString()}&step=minute&key_id=${id}`;
    const point = {
      at: minute.toISOString(),
      accepted: 2,
      refused: 1,
      refusals: [{ code: 'quota_exceeded', count: 1 }],
    };
    await expect
      .poll(async () => (await rest('GET', `/usage?${query}`)).body, { timeout: 5_000 })
      .toEqual({
        data: [point],
        next_cursor: null,
      });
  });

  it('of a key of somebody else is not found, exactly as of none', async () => {
    const { id } = await (await app.signUp('Eve')).createKey();
    for (const one of [id, 'key_00000000000000000000000000', 'nothing']) {
      expect(problemIn(await rest('GET', `/usage?${range}&key_id=${one}`))).toEqual({ status: 404, code: 'not_found' });
    }
  });

  it.each([
    ['', ['from', 'to', 'step']],
    ['from=yesterday&to=2026-01-01T00:00:00Z&step=year', ['from', 'step']],
    ['from=2026-01-01T00:00:00Z&to=2027-01-01T00:00:00Z&step=minute', ['step']],
    ['from=1969-12-31T23:59:59Z&to=9999-12-31T23:59:59-10:00&step=day', ['to']],
    ['from=1969-12-31T23:59:59Z&to=1970-01-01T00:00:00Z&step=day', ['from']],
  ])('does not take %j', async (query, paths) => {
    expect(problemIn(await rest('GET', `/usage?${query}`))).toMatchObject({ status: 422, paths });
  });
});
