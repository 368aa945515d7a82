import { createRemoteJWKSet, jwtVerify } from 'jose';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type TestApp, testApp } from '../../test/app.ts';
import { testUpstream, type Upstream } from '../../test/upstream.ts';

let upstream: Upstream;
let app: TestApp;
beforeAll(async () => {
  upstream = await testUpstream();
  app = await testApp({ env: { UPSTREAM_URL: upstream.url } });
});
afterAll(async () => {
  await app.stop();
  await upstream.stop();
});

const tokenOf = async (secret: string) => {
  await app.call(secret, '/api/v1/echo');
  return String(upstream.received.at(-1)?.headers['gatekey-identity']);
};
const check = (token: string, { audience = upstream.url, now = new Date() } = {}) =>
  jwtVerify(token, createRemoteJWKSet(new URL(`${app.url}/.well-known/jwks.json`)), {
    issuer: app.url,
    audience,
    currentDate: now,
  });

it('says whose the call is, to this upstream alone, for a minute at most', async () => {
  const ada = await app.signUp();
  const { id, secret } = await ada.createKey({ scopes: ['keys:read', 'orders:write'] });
  const token = await tokenOf(secret);
  const { payload, protectedHeader } = await check(token);
  expect(protectedHeader).toMatchObject({ alg: 'EdDSA', typ: 'JWT' });
  expect(payload).toMatchObject({ sub: id, scope: 'keys:read orders:write', aud: upstream.url, iss: app.url });
  expect(payload.workspace).toMatch(/^ws_/);
  expect(Number(payload.exp) - Number(payload.iat)).toBe(60);

  await expect(check(token, { audience: 'http://another.example' })).rejects.toThrow('aud');
  await expect(check(token, { now: new Date(Date.now() + 61_000) })).rejects.toThrow('exp');
  const [head, body = '', signature] = token.split('.');
  const forged = JSON.stringify({ ...payload, sub: 'key_another' });
  await expect(check([head, Buffer.from(forged).toString('base64url'), signature].join('.'))).rejects.toThrow(
    'signature',
  );
  await expect(check(`${Buffer.from('{"alg":"none"}').toString('base64url')}.${body}.`)).rejects.toThrow();
});

it('is of a key pair that all servers of an instance share, and of which only the public half is told', async () => {
  const other = await testApp({ env: { UPSTREAM_URL: upstream.url }, databaseUrl: app.databaseUrl });
  const keySets = await Promise.all(
    [app, other].map(async ({ url }) => (await fetch(`${url}/.well-known/jwks.json`)).json()),
  );
  expect(keySets[0]).toEqual(keySets[1]);
  expect(keySets[0]).toEqual({
    keys: [{ kty: 'OKP', crv: 'Ed25519', alg: 'EdDSA', use: 'sig', x: expect.any(String), kid: expect.any(String) }],
  });
  await other.stop();
});

it('follows a change of its key', async () => {
  const ada = await app.signUp();
  const { id, secret } = await ada.createKey({ scopes: ['a:read'] });
  expect((await check(await tokenOf(secret))).payload.scope).toBe('a:read');
  await ada.graphql('mutation ($input: UpdateKeyInput!) { updateKey(input: $input) { __typename } }', {
    input: { id, scopes: ['b:read'] },
  });
  await expect.poll(async () => (await check(await tokenOf(secret))).payload.scope).toBe('b:read');
});
