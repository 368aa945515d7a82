import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { type Browser, type TestApp, testApp } from '../../test/app.ts';
import { run as command, seededPlans } from '../../test/commands.ts';
import { keyIn, pageIn, problemIn, type Rest, restWith } from '../../test/rest.ts';

let app: TestApp;
let ada: Browser;
let rest: Rest;
beforeAll(async () => {
  app = await testApp();
  ada = await app.signUp('Ada');
  await command(ada, 'changePlan', { planId: seededPlans.Unlimited });
  rest = await manager(ada);
});
afterAll(() => app.stop());

/** A program that manages the keys of somebody. */
async function manager(person: Browser): Promise<Rest> {
  const scopes = ['keys:read', 'keys:write', 'orders:write'];
  return restWith(app, (await person.createKey({ name: 'Manager', scopes })).secret);
}
const made = async (fields: object = {}, by = rest) => keyIn(await by('POST', '/keys', { name: 'Made', ...fields }));
const decisionOn = async (secret = '') => (await app.call(secret)).headers.get('gatekey-decision');

describe('a key over REST', () => {
  it('is created with its secret, which is not to be stored, and read without', async () => {
    const fields = {
      name: 'Checkout',
      scopes: ['orders:write'],
      expires_at: '2099-01-31T23:00:00+01:00',
      ip_allowlist: ['10.1.2.3/8'],
      limits: { day: 5 },
      metadata: { team: 'payments' },
    };
    const answer = await rest('POST', '/keys', fields);
    const { secret, ...key } = keyIn(answer);
    expect([answer.status, answer.headers.get('cache-control')]).toEqual([201, 'no-store']);
    expect(answer.headers.get('location')).toBe(`/api/v1/keys/${key.id}`);
    expect(secret).toMatch(/^gk_[0-9A-Za-z]{36}$/);
    expect(key).toMatchObject({
      ...fields,
      status: 'ACTIVE',
      expires_at: '2099-01-31T22:00:00.000Z',
      ip_allowlist: ['10.0.0.0/8'],
      limits: { minute: null, day: 5, month: null },
      created_by: { kind: 'key' },
    });
    const read = await rest('GET', `/keys/${key.id}`);
    expect([read.status, read.body]).toEqual([200, key]);
  });

  it('is the same key that GraphQL shows', async () => {
    const { id } = await made({ name: 'Twice seen' });
    expect(await ada.graphql(`{ node(id: "${id}") { ... on ApiKey { name status } } }`)).toEqual({
      node: { name: 'Twice seen', status: 'ACTIVE' },
    });
  });

  it('is disabled, enabled, revoked and deleted', async () => {
    const { id, secret } = await made();
    const say = async (word: string) => keyIn(await rest('POST', `/keys/${id}/${word}`)).status;
    expect([await say('disable'), await decisionOn(secret)]).toEqual(['DISABLED', 'key_disabled']);
    expect([await say('disable'), await say('enable'), await decisionOn(secret)]).toEqual([
      'DISABLED',
      'ACTIVE',
      'admitted',
    ]);
    expect([await say('revoke'), await decisionOn(secret)]).toEqual(['REVOKED', 'key_revoked']);
    expect(problemIn(await rest('POST', `/keys/${id}/enable`))).toEqual({ status: 409, code: 'conflict' });
    const deleted = await rest('DELETE', `/keys/${id}`);
    expect([deleted.status, deleted.body]).toEqual([204, undefined]);
    expect(problemIn(await rest('GET', `/keys/${id}`))).toEqual({ status: 404, code: 'not_found' });
  });

  it('is rotated, for a grace in which both secrets pass, and the overlap ended', async () => {
    const { id, secret: old } = await made();
    const rotated = await rest('POST', `/keys/${id}/rotate`, { grace_seconds: 60 });
    const key = keyIn(rotated);
    expect([rotated.status, rotated.headers.get('cache-control'), key.id]).toEqual([200, 'no-store', id]);
    expect(key).toMatchObject({ previous_secret: { last_used_at: null } });
    expect([await decisionOn(old), await decisionOn(key.secret)]).toEqual(['admitted', 'admitted']);
    expect((await rest('POST', `/keys/${id}/end-overlap`)).body).toMatchObject({ previous_secret: null });
    expect([await decisionOn(old), await decisionOn(key.secret)]).toEqual(['key_invalid', 'admitted']);
    expect(keyIn(await rest('POST', `/keys/${id}/rotate`)).secret).toMatch(/^gk_/);
    expect(problemIn(await rest('POST', `/keys/${id}/rotate`, { grace_seconds: 2_592_001 }))).toMatchObject({
      status: 422,
      paths: ['grace_seconds'],
    });
  });
});

describe('a change over REST', () => {
  const before = {
    name: 'Before',
    scopes: ['orders:write'],
    expires_at: '2099-01-01T00:00:00.000Z',
    ip_allowlist: ['10.0.0.0/8'],
    limits: { minute: 1, day: 2, month: null },
    metadata: { a: 1, b: 2 },
  };
  const noLimits = { minute: null, day: null, month: null };
  it.each([
    ['nothing', {}, {}],
    ['a name', { name: 'After' }, { name: 'After' }],
    ['one limit, and the others stay', { limits: { month: 3 } }, { limits: { minute: 1, day: 2, month: 3 } }],
    ['a limit away', { limits: { day: null } }, { limits: { minute: 1, day: null, month: null } }],
    ['all limits away', { limits: null }, { limits: noLimits }],
    ['no scope', { scopes: null }, { scopes: [] }],
    ['no expiry', { expires_at: null }, { expires_at: null }],
    ['any address', { ip_allowlist: null }, { ip_allowlist: [] }],
    ['metadata as a whole', { metadata: { b: 3 } }, { metadata: { b: 3 } }],
    ['no metadata', { metadata: null }, { metadata: {} }],
  ])('sets %s; what is left out stays', async (_what, changes, after) => {
    const { id } = await made(before);
    const changed = await rest('PATCH', `/keys/${id}`, changes);
    expect(changed.status).toBe(200);
    expect(changed.body).toMatchObject({ ...before, ...after });
    expect((await rest('GET', `/keys/${id}`)).body).toEqual(changed.body);
  });
});

describe('the list of keys', () => {
  it('is walked in pages; each key that was there is met once, whatever comes and goes meanwhile', async () => {
    const eve = await app.signUp('Eve');
    const hers = await manager(eve);
    const ids: string[] = [];
    for (let i = 0; i < 6; i++) ids.push((await made({ name: `Key ${i}` }, hers)).id);
    const met: string[] = [];
    let cursor: string | null = '';
    for (let pages = 0; cursor !== null; pages++) {
      const page = pageIn(await hers('GET', `/keys?limit=2${cursor === '' ? '' : `&cursor=${cursor}`}`));
      met.push(...page.data.map(({ id }) => id));
      cursor = page.next_cursor;
      await made({ name: 'Newer' }, hers);
      if (pages === 0) await hers('DELETE', `/keys/${met.at(-1)}`);
    }
    expect(met.slice(0, 6)).toEqual(ids.toReversed());
    expect(new Set(met).size).toBe(met.length);
  });

  it('is filtered by status and by what is in the name or the hint', async () => {
    const eve = await app.signUp('Eve');
    const hers = await manager(eve);
    const named = async (query: string) => pageIn(await hers('GET', `/keys?${query}`)).data.map(({ name }) => name);
    const off = await made({ name: '100% off' }, hers);
    const gone = await made({ name: 'Gone' }, hers);
    await hers('POST', `/keys/${off.id}/disable`);
    await hers('POST', `/keys/${gone.id}/revoke`);
    expect(await named('')).toEqual(['Gone', '100% off', 'Manager']);
    expect(await named('status=DISABLED')).toEqual(['100% off']);
    expect(await named('status=disabled&status=REVOKED')).toEqual(['Gone', '100% off']);
    expect(await named('search=0%25%20O')).toEqual(['100% off']);
    expect(await named('search=_')).toEqual(['Gone', '100% off', 'Manager']);
    expect(await named('search=%25%25')).toEqual([]);
    expect(await named('search=%00')).toEqual([]);
    expect(await named('search=&status=ACTIVE')).toEqual(['Manager']);
  });

  it('comes in an order that is asked for, page by page, each cursor in its own', async () => {
    const hers = await manager(await app.signUp('Eve'));
    for (const name of ['Beta', 'alpha', 'gamma']) await made({ name }, hers);
    const first = pageIn(await hers('GET', '/keys?sort=name&limit=2'));
    const second = pageIn(await hers('GET', `/keys?sort=name&limit=2&cursor=${first.next_cursor}`));
    const names = [first, second].map(({ data }) => data.map(({ name }) => name));
    expect(names).toEqual([
      ['alpha', 'Beta'],
      ['gamma', 'Manager'],
    ]);
    expect(problemIn(await hers('GET', `/keys?sort=-name&cursor=${first.next_cursor}`)).paths).toEqual(['cursor']);
    expect(problemIn(await hers('GET', `/keys?cursor=${first.next_cursor}`)).paths).toEqual(['cursor']);
  });

  it.each([
    ['limit=0', 'limit'],
    ['limit=101', 'limit'],
    ['limit=ten', 'limit'],
    ['limit=1&limit=2', 'limit'],
    ['cursor=nothing', 'cursor'],
    ['sort=colour', 'sort'],
    ['status=SLEEPING', 'status.0'],
    ['page=2', 'page'],
  ])('does not take %s', async (query, path) => {
    expect(problemIn(await rest('GET', `/keys?${query}`))).toEqual({
      status: 422,
      code: 'invalid_input',
      paths: [path],
    });
  });
});

describe('a key of somebody else', () => {
  it.each([
    ['GET', '', undefined],
    ['PATCH', '', { name: 'Mine' }],
    ['DELETE', '', undefined],
    ['POST', '/enable', undefined],
    ['POST', '/disable', undefined],
    ['POST', '/revoke', undefined],
    ['POST', '/end-overlap', undefined],
    ['POST', '/rotate', {}],
  ])('is answered as one that does not exist: %s %s', async (method, rest_, body) => {
    const { id } = await (await app.signUp('Eve')).createKey();
    const unknown = `${id.slice(0, -8)}00000000`;
    const answers = [];
    for (const one of [id, unknown, 'nothing', `${id}%00`, encodeURIComponent('../keys')]) {
      const answer = await rest(method, `/keys/${one}${rest_}`, body);
      const { request_id: _, ...said } = z.looseObject({ request_id: z.string() }).parse(answer.body);
      answers.push({ status: answer.status, said });
    }
    expect(answers[0]).toMatchObject({ status: 404, said: { code: 'not_found' } });
    for (const answer of answers) expect(answer).toEqual(answers[0]);
  });
});
