import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { type Browser, type TestApp, testApp } from '../../test/app.ts';
import { asKey, run, seededPlans } from '../../test/commands.ts';

let app: TestApp;
let ada: Browser;
beforeAll(async () => {
  app = await testApp();
  ada = await app.signUp('Ada');
  await run(ada, 'changePlan', { planId: seededPlans.Unlimited });
});
afterAll(() => app.stop());

const day = 86_400_000;
const inDays = (days: number) => new Date(Math.ceil(Date.now() / day) * day + days * day).toISOString();
/** A program with all that a key can be bounded by. It may come from where the tests do. */
const bounds = {
  expiresAt: inDays(30),
  ipAllowlist: ['127.0.0.0/8', '2001:db8::/32'],
  limits: { minute: null, day: 5_000, month: 90_000 },
};
const scopes = ['keys:read', 'keys:write', 'orders:read'];
const program = (input: object = {}) => ada.createKey({ name: 'Program', scopes, ...bounds, ...input });

const refusal = '__typename ... on Error { code message }';
const state = 'key { id name scopes expiresAt ipAllowlist limits { minute day month } }';
const commands = {
  createKey: ['CreateKeyInput', `{ ${refusal} ... on CreateKeyPayload { ${state} secret } }`],
  updateKey: ['UpdateKeyInput', `{ ${refusal} ... on KeyPayload { ${state} } }`],
  rotateKey: ['RotateKeyInput', `{ ${refusal} ... on RotateKeyPayload { ${state} secret } }`],
} as const;
const Answer = z.looseObject({
  __typename: z.string(),
  message: z.string().optional(),
  secret: z.string().optional(),
  key: z.looseObject({ id: z.string() }).optional(),
});

/** What a key, or a person, is answered. */
async function give(asker: { secret: string } | Browser, command: keyof typeof commands, input: object) {
  const [type, selection] = commands[command];
  const mutation = `mutation ($input: ${type}!) { ${command}(input: $input) ${selection} }`;
  const { graphql } = 'secret' in asker ? asKey(app, asker.secret) : asker;
  return Answer.parse(z.record(z.string(), z.unknown()).parse(await graphql(mutation, { input }))[command]);
}

const widenings: [string, object][] = [
  ['no expiry', { expiresAt: null }],
  ['a later expiry', { expiresAt: inDays(31) }],
  ['any address', { ipAllowlist: [] }],
  ['an address more', { ipAllowlist: [...bounds.ipAllowlist, '192.0.2.1'] }],
  ['a wider range', { ipAllowlist: ['127.0.0.0/7'] }],
  ['another family', { ipAllowlist: ['::/0'] }],
  ['no limits', { limits: null }],
  ['one limit less', { limits: { day: 5_000, month: null } }],
  ['a higher limit', { limits: { day: 5_001, month: 90_000 } }],
];
const narrowings: [string, object][] = [
  ['an earlier expiry', { expiresAt: inDays(29) }],
  ['an address less', { ipAllowlist: ['127.0.0.0/8'] }],
  ['a narrower range', { ipAllowlist: ['127.0.0.1', '2001:db8:1::/48'] }],
  ['lower limits, and a limit more', { limits: { minute: 500, day: 4_999, month: 90_000 } }],
  ['what it has', bounds],
  ['another name and metadata', { name: 'Renamed', metadata: { note: 'x' } }],
];

describe('a key that may manage keys', () => {
  it.each(widenings)('does not give itself %s', async (_what, widening) => {
    const own = await program();
    const answer = await give(own, 'updateKey', { id: own.id, ...widening });
    expect(answer).toMatchObject({ __typename: 'ForbiddenError', code: 'FORBIDDEN' });
    expect(answer.message).toContain(Object.keys(widening)[0]);
    const after = await give(ada, 'updateKey', { id: own.id });
    expect(after.key).toMatchObject({ ...bounds, scopes });
  });

  it.each(narrowings)('gives itself %s', async (_what, narrowing) => {
    const own = await program();
    const answer = await give(own, 'updateKey', { id: own.id, ...narrowing });
    const { metadata: _, ...shown } = { metadata: undefined, ...narrowing };
    expect(answer).toMatchObject({ __typename: 'KeyPayload', key: shown });
  });

  it('gives itself no scope more, and none back; nor widens itself as it lets the last one go', async () => {
    const own = await program();
    const update = (input: object) => give(own, 'updateKey', { id: own.id, ...input });
    expect(await update({ scopes: [...scopes, 'usage:read'] })).toMatchObject({ __typename: 'ForbiddenError' });
    expect(await update({ scopes: [], expiresAt: null })).toMatchObject({ __typename: 'ForbiddenError' });
    expect(await update({ scopes: ['keys:write'] })).toMatchObject({ __typename: 'KeyPayload' });
    expect(await update({ scopes })).toMatchObject({ __typename: 'ForbiddenError' });
  });

  it('of two that ask at once, never undoes what its owner has narrowed', async () => {
    const own = await program();
    const [narrowed] = await Promise.all([
      give(ada, 'updateKey', { id: own.id, expiresAt: inDays(1) }),
      ...Array.from({ length: 20 }, () => give(own, 'updateKey', { id: own.id, expiresAt: bounds.expiresAt })),
    ]);
    expect(narrowed).toMatchObject({ __typename: 'KeyPayload' });
    expect((await give(ada, 'updateKey', { id: own.id })).key).toMatchObject({ expiresAt: inDays(1) });
  });

  it.each(widenings)('makes no other that manages with %s', async (_what, widening) => {
    const own = await program();
    const input = { name: 'Successor', scopes: ['keys:read'], ...bounds, ...widening };
    expect(await give(own, 'createKey', input)).toMatchObject({ __typename: 'ForbiddenError' });
    const { key } = await give(own, 'createKey', { ...input, ...bounds });
    expect(await give(own, 'updateKey', { id: key?.id, ...widening })).toMatchObject({ __typename: 'ForbiddenError' });
  });

  it('makes ordinary clients of any expiry, addresses and limits, but gives them no scope that it lacks', async () => {
    const own = await program();
    const { __typename, key } = await give(own, 'createKey', { name: 'Customer', scopes: ['orders:read'] });
    expect([__typename, key?.expiresAt, key?.ipAllowlist]).toEqual(['CreateKeyPayload', null, []]);
    expect(await give(own, 'createKey', { name: 'x', scopes: ['orders:write'] })).toMatchObject({
      __typename: 'ForbiddenError',
    });
    // A client that is to manage from now on is one no more.
    expect(await give(own, 'updateKey', { id: key?.id, scopes: ['keys:read'] })).toMatchObject({
      __typename: 'ForbiddenError',
    });
    expect(await give(own, 'updateKey', { id: key?.id, scopes: ['keys:read'], ...bounds })).toMatchObject({
      __typename: 'KeyPayload',
    });
  });

  it('takes scopes that it lacks from others, and leaves wide what was wide', async () => {
    const own = await program();
    const wide = await ada.createKey({ name: 'Wide', scopes: ['keys:write', 'usage:read', 'orders:write'] });
    const update = (input: object) => give(own, 'updateKey', { id: wide.id, ...input });
    expect(await update({ name: 'Still wide', scopes: ['keys:write', 'usage:read'] })).toMatchObject({
      key: { name: 'Still wide', scopes: ['keys:write', 'usage:read'], expiresAt: null },
    });
    expect(await update({ expiresAt: inDays(300) })).toMatchObject({ __typename: 'KeyPayload' });
    expect(await update({ expiresAt: inDays(301) })).toMatchObject({ __typename: 'ForbiddenError' });
  });

  it('is told a new secret of itself and of clients, not of a key that goes further than it', async () => {
    const own = await program();
    const peer = await ada.createKey({ name: 'Peer', scopes: ['keys:write'], ...bounds, expiresAt: null });
    const client = await ada.createKey({ name: 'Client', scopes: ['orders:read'] });
    const rotate = async (id: string) => (await give(own, 'rotateKey', { id })).__typename;
    expect(await rotate(peer.id)).toBe('ForbiddenError');
    expect(await rotate(client.id)).toBe('RotateKeyPayload');
    const { secret = '' } = await give(own, 'rotateKey', { id: own.id });
    expect((await give({ secret }, 'updateKey', { id: own.id, expiresAt: null })).__typename).toBe('ForbiddenError');
  });
});

describe('a person who may manage keys', () => {
  it('widens any of them', async () => {
    const own = await program();
    for (const [what, widening] of widenings) {
      expect((await give(ada, 'updateKey', { id: own.id, ...widening })).__typename, what).toBe('KeyPayload');
    }
  });
});
