import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { type Browser, type TestApp, testApp } from '../../test/app.ts';
import { type Asker, asKey, workspaceOf } from '../../test/commands.ts';
import { watchSocket } from '../../test/watch.ts';

let app: TestApp;
beforeAll(async () => {
  app = await testApp();
  await app.signUp('Olga');
});
afterAll(() => app.stop());

const refusal = '... on Error { code message }';
const Answer = z.looseObject({ __typename: z.string(), token: z.string().optional() });
async function give(asker: Asker, call: string, payload = '') {
  const data = await asker.graphql(`mutation { answer: ${call} { __typename ${refusal} ${payload} } }`);
  return z.object({ answer: Answer }).parse(data).answer;
}
const invite = (asker: Asker, email: string, role = 'MEMBER', where = '') =>
  give(
    asker,
    `inviteMember(input: { email: "${email}", role: ${role} ${where} })`,
    '... on InviteMemberPayload { token }',
  );
const join = (asker: Asker, token: string | undefined) => give(asker, `joinWorkspace(token: "${token}")`);
const People = z.object({
  workspace: z.object({
    members: z.array(z.object({ role: z.string(), user: z.object({ id: z.string(), name: z.string() }) })),
  }),
});
async function people(asker: Asker, workspaceId: string) {
  const data = await asker.graphql(`{ workspace(id: "${workspaceId}") { members { role user { id name } } } }`);
  return People.parse(data).workspace.members;
}
const rolesIn = async (asker: Asker, workspaceId: string) =>
  Object.fromEntries((await people(asker, workspaceId)).map(({ role, user }) => [user.name, role]));
const idOf = async (browser: Browser) =>
  z
    .object({ viewer: z.object({ user: z.object({ id: z.string() }) }) })
    .parse(await browser.graphql('{ viewer { user { id } } }')).viewer.user.id;

/** Ada's workspace, which Bob has joined with a role. */
async function shared(role = 'MEMBER') {
  const [ada, bob] = [await app.signUp('Ada'), await app.signUp('Bob')];
  const workspaceId = await workspaceOf(ada);
  const { token } = await invite(ada, bob.email, role);
  expect((await join(bob, token)).__typename).toBe('MembersPayload');
  return { ada, bob, workspaceId, adaId: await idOf(ada), bobId: await idOf(bob) };
}
const input = (workspaceId: string, userId: string, more = '') =>
  `input: { workspaceId: "${workspaceId}", userId: "${userId}" ${more} }`;

describe('a link', () => {
  it('lets the person in that it was made for, once, with its role', async () => {
    const [ada, bob, eve] = [await app.signUp('Ada'), await app.signUp('Bob'), await app.signUp('Eve')];
    const workspaceId = await workspaceOf(ada);
    const { token } = await invite(ada, bob.email.toUpperCase(), 'VIEWER');
    expect(await join(eve, token)).toMatchObject({ code: 'FORBIDDEN' });
    expect((await join(bob, token)).__typename).toBe('MembersPayload');
    expect(await rolesIn(bob, workspaceId)).toEqual({ Ada: 'OWNER', Bob: 'VIEWER' });
    expect(await workspaceOf(bob)).toBe(workspaceId);
    expect(await join(bob, token)).toMatchObject({ code: 'NOT_FOUND' });
  });

  it('is worth nothing once it is withdrawn, and one at a time is open for an address', async () => {
    const [ada, bob] = [await app.signUp('Ada'), await app.signUp('Bob')];
    const { token } = await invite(ada, bob.email);
    const again = `inviteMember(input: { email: "${bob.email}", role: ADMIN })`;
    expect(await give(ada, again)).toMatchObject({ code: 'INVALID_INPUT' });
    const data = await ada.graphql('{ workspace { invitations { id email } } }');
    const { invitations } = z
      .object({ workspace: z.object({ invitations: z.array(z.object({ id: z.string(), email: z.string() })) }) })
      .parse(data).workspace;
    expect(invitations.map(({ email }) => email)).toEqual([bob.email]);
    expect(await give(bob, `withdrawInvitation(id: "${invitations[0]?.id}")`)).toMatchObject({ code: 'NOT_FOUND' });
    expect((await give(ada, `withdrawInvitation(id: "${invitations[0]?.id}")`)).__typename).toBe('MembersPayload');
    expect(await join(bob, token)).toMatchObject({ code: 'NOT_FOUND' });
  });

  it('used by many at once lets in one membership', async () => {
    const [ada, bob] = [await app.signUp('Ada'), await app.signUp('Bob')];
    const { token } = await invite(ada, bob.email);
    const answers = await Promise.all(Array.from({ length: 8 }, () => join(bob, token)));
    expect(answers.filter(({ __typename }) => __typename === 'MembersPayload')).toHaveLength(1);
    expect(await people(ada, await workspaceOf(ada))).toHaveLength(2);
  });

  it.each(['nonsense', '', 'a@'])('is not made for %j, which is no address', async (email) => {
    const ada = await app.signUp('Ada');
    expect(await invite(ada, email)).toMatchObject({ code: 'INVALID_INPUT' });
  });
});

describe('a person in several workspaces', () => {
  it('selects which one is meant, and none of others', async () => {
    const { ada, bob, workspaceId } = await shared();
    const data = await bob.graphql('{ viewer { workspaces { id } } }');
    const { workspaces } = z
      .object({ viewer: z.object({ workspaces: z.array(z.object({ id: z.string() })) }) })
      .parse(data).viewer;
    const own = workspaces.map(({ id }) => id).find((id) => id !== workspaceId);
    expect((await give(bob, `selectWorkspace(id: "${own}")`)).__typename).toBe('WorkspacePayload');
    expect(await workspaceOf(bob)).toBe(own);
    expect(await give(ada, `selectWorkspace(id: "${own}")`)).toMatchObject({ code: 'NOT_FOUND' });
    expect(await workspaceOf(ada)).toBe(workspaceId);
  });
});

describe('roles', () => {
  it('hold at once: a viewer who is made a member may create keys, and may no longer when it is undone', async () => {
    const { ada, bob, workspaceId, bobId } = await shared('VIEWER');
    const create = () => give(bob, `createKey(input: { workspaceId: "${workspaceId}", name: "Bob’s" })`);
    expect(await create()).toMatchObject({ code: 'FORBIDDEN' });
    await give(ada, `changeMemberRole(${input(workspaceId, bobId, 'role: MEMBER')})`);
    expect((await create()).__typename).toBe('CreateKeyPayload');
    await give(ada, `changeMemberRole(${input(workspaceId, bobId, 'role: VIEWER')})`);
    expect(await create()).toMatchObject({ code: 'FORBIDDEN' });
  });

  it('are not given or taken from below: an admin makes no owner and touches none', async () => {
    const { bob, workspaceId, adaId, bobId } = await shared('ADMIN');
    const tries = [
      `changeMemberRole(${input(workspaceId, bobId, 'role: OWNER')})`,
      `changeMemberRole(${input(workspaceId, adaId, 'role: VIEWER')})`,
      `removeMember(${input(workspaceId, adaId)})`,
      `transferOwnership(${input(workspaceId, bobId)})`,
    ];
    for (const call of tries) expect(await give(bob, call)).toMatchObject({ code: 'FORBIDDEN' });
    expect(await invite(bob, 'new@example.com', 'OWNER', `workspaceId: "${workspaceId}"`)).toMatchObject({
      code: 'FORBIDDEN',
    });
    expect((await invite(bob, 'new@example.com', 'ADMIN', `workspaceId: "${workspaceId}"`)).token).toBeDefined();
  });

  it('are changed by owners and admins alone, and never by a key', async () => {
    const { ada, bob, workspaceId, adaId } = await shared('MEMBER');
    const { secret } = await ada.createKey({ scopes: ['keys:read', 'keys:write'] });
    for (const asker of [bob, asKey(app, secret)]) {
      expect(await give(asker, `removeMember(${input(workspaceId, adaId)})`)).toMatchObject({ code: 'FORBIDDEN' });
      expect(await invite(asker, 'x@example.com', 'VIEWER', `workspaceId: "${workspaceId}"`)).toMatchObject({
        code: 'FORBIDDEN',
      });
    }
    await expect(people(asKey(app, secret), workspaceId)).rejects.toThrow('This needs members:read.');
  });

  it('of a foreign workspace are those of an unknown one', async () => {
    const { workspaceId, bobId } = await shared();
    const eve = await app.signUp('Eve');
    const [foreign, unknown] = await Promise.all(
      [workspaceId, 'ws_unknown'].map((id) => give(eve, `removeMember(${input(id, bobId)})`)),
    );
    expect(foreign).toEqual(unknown);
    expect(foreign).toMatchObject({ code: 'NOT_FOUND' });
  });
});

describe('a workspace', () => {
  it('keeps its last owner, also when two owners go at the same time', async () => {
    const { ada, bob, workspaceId, adaId, bobId } = await shared('MEMBER');
    expect(await give(ada, `removeMember(${input(workspaceId, adaId)})`)).toMatchObject({ code: 'CONFLICT' });
    expect(await give(ada, `changeMemberRole(${input(workspaceId, adaId, 'role: ADMIN')})`)).toMatchObject({
      code: 'CONFLICT',
    });
    await give(ada, `changeMemberRole(${input(workspaceId, bobId, 'role: OWNER')})`);
    const both = await Promise.all([
      give(ada, `removeMember(${input(workspaceId, adaId)})`),
      give(bob, `removeMember(${input(workspaceId, bobId)})`),
    ]);
    expect(both.map(({ __typename }) => __typename).sort()).toEqual(['ConflictError', 'MembersPayload']);
  });

  it('is handed over to another member, who owns it from then on', async () => {
    const { ada, bob, workspaceId, adaId, bobId } = await shared('MEMBER');
    await give(ada, `transferOwnership(${input(workspaceId, bobId)})`);
    expect(await rolesIn(ada, workspaceId)).toEqual({ Ada: 'ADMIN', Bob: 'OWNER' });
    expect((await give(bob, `removeMember(${input(workspaceId, adaId)})`)).__typename).toBe('MembersPayload');
    expect(await ada.graphql(`{ workspace(id: "${workspaceId}") { id } }`)).toEqual({ workspace: null });
  });

  it('tells whoever watches it what happened to its people, and nothing of who they are', async () => {
    const { ada, bob, workspaceId, bobId } = await shared('VIEWER');
    const watch = watchSocket(
      app.url,
      bob,
      `subscription { workspaceChanged(workspaceId: "${workspaceId}") { type } }`,
    );
    const turn = (role: string) => give(ada, `changeMemberRole(${input(workspaceId, bobId, `role: ${role}`)})`);
    // It says nothing until something changes, so only a change tells that it has begun.
    await expect
      .poll(async () => {
        await turn('ADMIN');
        await turn('MEMBER');
        return watch.messages.map(({ data }) => data);
      })
      .toContainEqual({ workspaceChanged: { type: 'member.updated' } });
    await watch.close();
  });

  it('ends the streams of whoever is taken out, within 1 s, and tells it in its log', async () => {
    const { ada, bob, workspaceId, bobId } = await shared('VIEWER');
    const watch = watchSocket(app.url, bob, `subscription { usage(workspaceId: "${workspaceId}") { seq } }`);
    await watch.until(() => true);
    const removedAt = Date.now();
    await give(ada, `removeMember(${input(workspaceId, bobId)})`);
    await watch.ended;
    expect(Date.now() - removedAt).toBeLessThanOrEqual(1_000);
    const log = await ada.graphql('{ workspace { auditEvents(first: 3) { edges { node { type userId } } } } }');
    expect(JSON.stringify(log)).toContain(`{"type":"member.removed","userId":"${bobId}"}`);
  });
});
