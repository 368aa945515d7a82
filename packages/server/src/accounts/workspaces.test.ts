import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { type Browser, type TestApp, testApp } from '../../test/app.ts';
import { asKey, type CommandName, run, seededPlans, workspaceOf } from '../../test/commands.ts';

let app: TestApp;
let operator: Browser;
beforeAll(async () => {
  app = await testApp();
  operator = await app.signUp('Olga');
});
afterAll(() => app.stop());

const decisionOf = async (secret: string) => (await app.call(secret)).headers.get('gatekey-decision');
const stateOf = (asker: Browser) => asker.graphql('{ workspace { ipAllowlist suspendedAt plan { name } } }');
const untouched = { workspace: { ipAllowlist: [], suspendedAt: null, plan: { name: 'Free' } } };

async function newWorkspace(name = 'Eve') {
  const owner = await app.signUp(name);
  return { owner, workspaceId: await workspaceOf(owner) };
}

/** Every command that changes a workspace, as it would be said of this one. */
const commandsOn = (workspaceId: string): [CommandName, string | object][] => [
  ['setIpAllowlist', { workspaceId, ipAllowlist: ['192.0.2.1'] }],
  ['renameWorkspace', { workspaceId, name: 'Another name' }],
  ['changePlan', { workspaceId, planId: seededPlans.Pro }],
  ['suspendWorkspace', workspaceId],
  ['resumeWorkspace', workspaceId],
];

describe('the name of a workspace', () => {
  it('is another from the answer on, and refused where it is none', async () => {
    const { owner, workspaceId } = await newWorkspace();
    expect(await run(owner, 'renameWorkspace', { name: ' Payments ' })).toMatchObject({
      workspace: { id: workspaceId },
    });
    expect(await owner.graphql('{ workspace { name } }')).toEqual({ workspace: { name: 'Payments' } });
    expect(await run(owner, 'renameWorkspace', { name: ' ' })).toMatchObject({
      fields: [{ path: 'name', message: 'Give it a name.' }],
    });
    expect(await owner.graphql('{ workspace { name } }')).toEqual({ workspace: { name: 'Payments' } });
  });
});

describe('the allowlist of a workspace', () => {
  it('holds for all its keys from the answer on, and none is any', async () => {
    const { owner } = await newWorkspace();
    const secrets = [(await owner.createKey()).secret, (await owner.createKey({ ipAllowlist: ['127.0.0.1'] })).secret];
    const decisions = () => Promise.all(secrets.map(decisionOf));
    expect(await decisions()).toEqual(['admitted', 'admitted']);
    await run(owner, 'setIpAllowlist', { ipAllowlist: ['192.0.2.1'] });
    expect(await decisions()).toEqual(['ip_not_allowed', 'ip_not_allowed']);
    await run(owner, 'setIpAllowlist', { ipAllowlist: ['127.0.0.0/8'] });
    expect(await decisions()).toEqual(['admitted', 'admitted']);
    await run(owner, 'setIpAllowlist', { ipAllowlist: ['192.0.2.1'] });
    await run(owner, 'setIpAllowlist', { ipAllowlist: [] });
    expect(await decisions()).toEqual(['admitted', 'admitted']);
  });

  it('is stored in canonical form, without doubles', async () => {
    const { owner, workspaceId } = await newWorkspace();
    const ipAllowlist = ['10.1.2.3/8', ' 10.0.0.0/8 ', '::ffff:192.0.2.1', '2001:DB8::0'];
    expect(await run(owner, 'setIpAllowlist', { workspaceId, ipAllowlist })).toMatchObject({
      workspace: { id: workspaceId, ipAllowlist: ['10.0.0.0/8', '192.0.2.1', '2001:db8::'] },
    });
  });

  it('is refused with every bad entry named, and when it is too long, and stays as it was', async () => {
    const { owner } = await newWorkspace();
    expect(await run(owner, 'setIpAllowlist', { ipAllowlist: ['192.0.2.1', '127.1', 'home', '::/0'] })).toEqual({
      __typename: 'InvalidInputError',
      code: 'INVALID_INPUT',
      message: expect.any(String),
      fields: [
        { path: 'ipAllowlist.1', message: expect.stringContaining('IPv4') },
        { path: 'ipAllowlist.2', message: expect.stringContaining('IPv4') },
      ],
    });
    const long = Array.from({ length: 101 }, (_, index) => `192.0.2.${index}`);
    expect(await run(owner, 'setIpAllowlist', { ipAllowlist: long })).toMatchObject({
      fields: [{ path: 'ipAllowlist', message: 'At most 100 entries.' }],
    });
    expect(await stateOf(owner)).toEqual(untouched);
  });
});

describe('a suspended workspace', () => {
  it('has no key that passes until it is resumed, while its people go on', async () => {
    const { owner, workspaceId } = await newWorkspace();
    const { secret } = await owner.createKey();
    expect(await decisionOf(secret)).toBe('admitted');
    expect(await run(operator, 'suspendWorkspace', workspaceId)).toMatchObject({
      workspace: { suspendedAt: expect.any(String) },
    });
    const answer = await app.call(secret);
    expect([answer.status, (await answer.json()).code]).toEqual([401, 'workspace_suspended']);
    expect(await decisionOf((await owner.createKey()).secret)).toBe('workspace_suspended');
    await run(operator, 'resumeWorkspace', workspaceId);
    expect(await decisionOf(secret)).toBe('admitted');
  });

  it('can be suspended and resumed again, which changes nothing', async () => {
    const { workspaceId } = await newWorkspace();
    const first = await run(operator, 'suspendWorkspace', workspaceId);
    expect(await run(operator, 'suspendWorkspace', workspaceId)).toEqual(first);
    await run(operator, 'resumeWorkspace', workspaceId);
    expect(await run(operator, 'resumeWorkspace', workspaceId)).toMatchObject({ workspace: { suspendedAt: null } });
  });
});

describe('all workspaces', () => {
  const Page = z.object({
    workspaces: z.object({
      edges: z.array(z.object({ node: z.object({ id: z.string() }) })),
      pageInfo: z.object({ hasNextPage: z.boolean(), endCursor: z.string().nullable() }),
    }),
  });
  const page = async (args: string) =>
    Page.parse(
      await operator.graphql(`{ workspaces(${args}) { edges { node { id } } pageInfo { hasNextPage endCursor } } }`),
    ).workspaces;
  const found = async (search: string) =>
    (await page(`search: ${JSON.stringify(search)}`)).edges.map(({ node }) => node.id);

  it('are found by the operator: by name, slug and the address of a member, whatever the case', async () => {
    const { owner, workspaceId } = await newWorkspace('Zoë 100%');
    expect(await found('zoë 100%')).toEqual([workspaceId]);
    expect(await found('zoë_100')).toEqual([]);
    expect(await found(workspaceId.slice(3))).toEqual([workspaceId]);
    expect(await found(owner.email.toUpperCase())).toEqual([workspaceId]);
  });

  it('are read page by page, newest first, each once', async () => {
    const newest = [(await newWorkspace()).workspaceId, (await newWorkspace()).workspaceId].reverse();
    const ids: string[] = [];
    for (let after = ''; ; ) {
      const { edges, pageInfo } = await page(`first: 2${after}`);
      ids.push(...edges.map(({ node }) => node.id));
      if (!pageInfo.hasNextPage) break;
      after = `, after: "${pageInfo.endCursor}"`;
    }
    expect(ids.slice(0, 2)).toEqual(newest);
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids).toContain(await workspaceOf(operator));
  });
});

describe('a command on a workspace', () => {
  it('to suspend or resume it is refused to its owner', async () => {
    const { owner, workspaceId } = await newWorkspace();
    for (const name of ['suspendWorkspace', 'resumeWorkspace'] as const) {
      expect(await run(owner, name, workspaceId)).toMatchObject({ __typename: 'ForbiddenError', code: 'FORBIDDEN' });
    }
    expect(await stateOf(owner)).toEqual(untouched);
  });

  it('is refused to a key, whatever its scopes are called', async () => {
    const { owner, workspaceId } = await newWorkspace();
    const scopes = ['keys:write', 'workspace:write', 'workspace:suspend', 'plan:choose'];
    const { secret } = await owner.createKey({ scopes });
    const createPlan = ['createPlan', { name: 'Mine', limits: {} }] as const;
    const updatePlan = ['updatePlan', { id: seededPlans.Free, limits: {} }] as const;
    for (const [name, argument] of [...commandsOn(workspaceId), createPlan, updatePlan]) {
      expect(await run(asKey(app, secret), name, argument), name).toMatchObject({ __typename: 'ForbiddenError' });
    }
    expect(await stateOf(owner)).toEqual(untouched);
  });

  it('of a stranger finds nothing: a foreign id is exactly an unknown one', async () => {
    const { owner, workspaceId } = await newWorkspace('Ada');
    const { owner: eve } = await newWorkspace('Eve');
    const key = asKey(app, (await eve.createKey({ scopes: ['keys:write'] })).secret);
    const unknown = commandsOn('ws_00000000000000000000000000');
    for (const [index, [name, argument]] of commandsOn(workspaceId).entries()) {
      for (const asker of [eve, key]) {
        const answer = await run(asker, name, argument);
        expect(answer, name).toMatchObject({ __typename: 'NotFoundError' });
        expect(answer).toEqual(await run(asker, name, unknown[index]?.[1] ?? ''));
      }
    }
    expect(await stateOf(owner)).toEqual(untouched);
  });

  it('tells the operator that there is no such workspace', async () => {
    for (const [name, argument] of commandsOn('ws_00000000000000000000000000')) {
      if (name === 'setIpAllowlist' || name === 'renameWorkspace') continue;
      expect(await run(operator, name, argument), name).toMatchObject({ __typename: 'NotFoundError' });
    }
  });

  it('to set its allowlist and its name is for its owner and admins, to change its plan for its owner', async () => {
    const { owner, workspaceId } = await newWorkspace();
    const [allowlist, name, plan] = commandsOn(workspaceId);
    const may = async (asker: Browser) =>
      Promise.all(
        [allowlist, name, plan].map(async (command) => {
          const answer = command && (await run(asker, ...command));
          return answer?.__typename === 'WorkspacePayload';
        }),
      );
    const expected: [string, boolean[]][] = [
      ['viewer', [false, false, false]],
      ['member', [false, false, false]],
      ['admin', [true, true, false]],
      ['owner', [true, true, true]],
    ];
    for (const [role, rights] of expected) {
      await giveRole(workspaceId, role);
      expect(await may(owner), role).toEqual(rights);
    }
    expect(await may(operator)).toEqual([false, false, true]);
  });
});

/** There is no command yet that gives a member another role. */
async function giveRole(workspaceId: string, role: string): Promise<void> {
  const client = new pg.Client({ connectionString: app.databaseUrl });
  await client.connect();
  await client.query('update member set role = $2 where workspace_id = $1', [workspaceId, role]);
  await client.end();
}
