import { type ManagementScope, managementScopes } from '@gatekey/shared';
import { isInputObjectType } from 'graphql';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { roles } from '../../src/accounts/role.ts';
import { schema } from '../../src/graphql/schema.ts';
import { cookieOf } from '../app.ts';
import { newAddress, postFrom } from '../from-address.ts';
import { answerIn } from './calls.ts';
import { type Asker, gifts } from './table.ts';
import { rightsWorld, type World } from './world.ts';

let world: World;
beforeAll(async () => {
  world = await rightsWorld();
});
afterAll(() => world.stop());

/** Who may write keys at all: people, and two keys. */
const givers = [...roles, 'key keys:write', 'key of all scopes'] as const;
const gives = (giver: Asker, scope: ManagementScope) => {
  if (giver === 'viewer') return false;
  const role = roles.find((one) => one === giver);
  if (role !== undefined) return gifts[scope].includes(role);
  return giver === 'key of all scopes' || giver === `key ${scope}`;
};
const tell = async (asker: Asker, command: string) =>
  answerIn(await world.ask(asker, `mutation { ${command} { __typename } }`), '');

describe.each(managementScopes)('the scope %s', (scope) => {
  const scopes = JSON.stringify([scope]);
  const expected = Object.fromEntries(
    givers.map((giver) => [giver, gives(giver, scope) ? 'yes' : 'ForbiddenError'] as const),
  );
  const answersTo = async (commandOf: () => Promise<string>) => {
    const answers: [string, string][] = [];
    for (const giver of givers) answers.push([giver, await tell(giver, await commandOf())]);
    return Object.fromEntries(answers);
  };

  it('is given to a new key by whom the table says', async () => {
    const input = `{ workspaceId: "${world.workspaceId}", name: "Gift", scopes: ${scopes} }`;
    expect(await answersTo(async () => `createKey(input: ${input})`)).toEqual(expected);
  });

  it('is given to a key that lacks it by the same', async () => {
    const plain = async () => (await world.founder.createKey()).id;
    expect(await answersTo(async () => `updateKey(input: { id: "${await plain()}", scopes: ${scopes} })`)).toEqual(
      expected,
    );
  });

  it('is not taken by asking for the new secret of a key that has it', async () => {
    const powerful = async () => (await world.founder.createKey({ scopes: [scope] })).id;
    expect(await answersTo(async () => `rotateKey(input: { id: "${await powerful()}" })`)).toEqual(expected);
  });

  it('stays where it is when somebody else changes the key', async () => {
    const { id } = await world.founder.createKey({ scopes: [scope] });
    expect(await tell('member', `updateKey(input: { id: "${id}", name: "Other", scopes: ${scopes} })`)).toBe('yes');
  });
});

/** What a request might hope to set, by the names that things have here and elsewhere. */
const hopes: Readonly<Record<string, unknown>> = {
  id: 'key_00000000000000000000000000',
  status: 'ACTIVE',
  createdBy: 'usr_00000000000000000000000000',
  createdById: 'usr_00000000000000000000000000',
  createdAt: '2020-01-01T00:00:00Z',
  revokedAt: null,
  deletedAt: null,
  disabledAt: null,
  suspendedAt: null,
  secret: `gk_${'a'.repeat(36)}`,
  hash: 'x',
  hint: 'gk_aaaa…aaaa',
  isOperator: true,
  isDefault: true,
  role: 'OWNER',
  planId: 'plan_00000000000000000000000004',
  workspace: {},
  constructor: {},
};

describe('nothing is set that an input does not have', () => {
  const mutations = Object.values(schema.getMutationType()?.getFields() ?? {}).flatMap(({ name, args }) => {
    const type = args.find((arg) => arg.name === 'input')?.type;
    return type === undefined ? [] : [[name, String(type)] as const];
  });

  it.each(mutations)('%s', async (name, type) => {
    const inputType = schema.getType(type.replace('!', ''));
    const has = isInputObjectType(inputType) ? Object.keys(inputType.getFields()) : [];
    for (const [field, value] of Object.entries(hopes)) {
      if (has.includes(field)) continue;
      const answer = await fetch(`${world.app.url}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...world.headersOf('owner') },
        body: JSON.stringify({
          query: `mutation ($input: ${type}) { ${name}(input: $input) { __typename } }`,
          variables: { input: { [field]: value } },
        }),
      });
      const text = await answer.text();
      expect(text, field).toContain('BAD_USER_INPUT');
      expect(text, field).toContain(`not to include unknown field \\"${field}\\"`);
    }
  });

  it.each([
    ['POST /keys', { name: 'New' }],
    ['PATCH /keys/:id', { name: 'Other' }],
    ['POST /keys/:id/rotate', {}],
  ])('%s', async (name, body) => {
    const { id } = await world.founder.createKey();
    const [method = '', path = ''] = name.split(' ');
    for (const [field, value] of Object.entries(hopes)) {
      const request = { method, path: path.replace(':id', id), body: { ...body, [field]: value } };
      const reply = await world.call('key of all scopes', request);
      expect(reply, field).toMatchObject({ status: 422, body: { code: 'invalid_input', errors: [{ path: field }] } });
    }
  });

  it('by whoever signs up', async () => {
    const { url } = world.app;
    const account = { name: 'Mallory', email: 'mallory@example.com', password: 'correct horse battery' };
    const answer = await postFrom(
      newAddress(),
      `${url}/api/auth/sign-up/email`,
      { origin: url },
      {
        ...account,
        ...hopes,
        id: 'usr_mine',
        is_operator: true,
        emailVerified: true,
      },
    );
    const cookie = await cookieOf(answer);
    const said = await fetch(`${url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', cookie, origin: url },
      body: JSON.stringify({ query: '{ viewer { isOperator user { id } workspaces { id role plan { name } } } }' }),
    });
    const { data } = z.object({ data: z.unknown() }).parse(await said.json());
    expect(data).toEqual({
      viewer: {
        isOperator: false,
        user: { id: expect.stringMatching(/^usr_[0-9a-hjkmnp-tv-z]{26}$/) },
        workspaces: [{ id: expect.any(String), role: 'OWNER', plan: { name: 'Free' } }],
      },
    });
  });
});
