import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { type Browser, type TestApp, testApp } from '../../test/app.ts';
import { type Asker, asKey, run as command, makePlan, workspaceOf } from '../../test/commands.ts';
import { rotate, run, update } from '../../test/key-commands.ts';

let app: TestApp;
let operator: Browser;
beforeAll(async () => {
  app = await testApp();
  operator = await app.signUp('Olga');
});
afterAll(() => app.stop());

const Events = z.object({
  workspace: z.object({
    auditEvents: z.object({
      edges: z.array(
        z.object({
          node: z.object({
            id: z.string(),
            type: z.string(),
            keyId: z.string().nullable(),
            actor: z.object({ kind: z.string(), id: z.string().nullable(), name: z.string().nullable() }),
            address: z.string().nullable(),
            before: z.unknown(),
            after: z.unknown(),
          }),
        }),
      ),
      pageInfo: z.object({ endCursor: z.string().nullable(), hasNextPage: z.boolean() }),
    }),
  }),
});
async function page(asker: Asker, args = 'first: 100') {
  const data = await asker.graphql(`{ workspace { auditEvents(${args}) {
    edges { node { id type keyId actor { kind id name } address before after } } pageInfo { endCursor hasNextPage } } } }`);
  return Events.parse(data).workspace.auditEvents;
}
const entries = async (asker: Asker, args?: string) => (await page(asker, args)).edges.map(({ node }) => node);
const typesOf = async (asker: Asker, args?: string) => (await entries(asker, args)).map(({ type }) => type);

describe('the audit log', () => {
  it('holds every change of a key with who made it, from where, and what differs', async () => {
    const ada = await app.signUp('Ada');
    const { id } = await ada.createKey({ name: 'First', limits: { minute: 10 } });
    await update(ada, { id, name: 'Second', limits: { minute: 20 } });
    await run(ada, 'disableKey', id);
    await run(ada, 'disableKey', id);
    await run(ada, 'enableKey', id);
    await rotate(ada, { id, graceSeconds: 60 });
    await run(ada, 'endKeyOverlap', id);
    await run(ada, 'revokeKey', id);
    await run(ada, 'deleteKey', id);
    const log = (await entries(ada)).reverse();
    expect(log.map(({ type }) => type)).toEqual(
      ['created', 'updated', 'disabled', 'enabled', 'rotated', 'updated', 'revoked', 'deleted'].map(
        (one) => `key.${one}`,
      ),
    );
    for (const entry of log) {
      expect(entry).toMatchObject({ keyId: id, address: '127.0.0.1', actor: { kind: 'USER', name: 'Ada' } });
    }
    const [created, updated, disabled, , rotated] = log;
    expect([created?.before, created?.after]).toMatchObject([null, { name: 'First', limits: { minute: 10 } }]);
    const none = { day: null, month: null };
    expect([updated?.before, updated?.after]).toEqual([
      { name: 'First', limits: { minute: 10, ...none } },
      { name: 'Second', limits: { minute: 20, ...none } },
    ]);
    expect(disabled?.before).toEqual({ disabledAt: null });
    expect(Object.keys(z.record(z.string(), z.unknown()).parse(rotated?.after)).sort()).toEqual([
      'hint',
      'previousSecretEndsAt',
    ]);
  });

  it('holds no secret, also none that was given in a command', async () => {
    const ada = await app.signUp();
    const { id, secret } = await ada.createKey();
    const rotated = await rotate(ada, { id, graceSeconds: 60 });
    const text = JSON.stringify(await entries(ada));
    expect(text).not.toContain(secret);
    expect(text).not.toContain(rotated.secret);
  });

  it('names the program that made a change, and shows the log to none without audit:read', async () => {
    const ada = await app.signUp();
    const { id, secret } = await ada.createKey({ name: 'Robot', scopes: ['keys:read', 'keys:write'] });
    const robot = asKey(app, secret);
    await update(ada, { id, name: 'Robot 2' });
    await robot.graphql('mutation { createKey(input: { name: "Made" }) { __typename } }');
    expect((await entries(ada))[0]).toMatchObject({ type: 'key.created', actor: { kind: 'KEY', id, name: 'Robot 2' } });
    await expect(entries(robot)).rejects.toThrow('This needs audit:read.');
    const reader = asKey(app, (await ada.createKey({ scopes: ['audit:read'] })).secret);
    expect(await typesOf(reader)).toEqual(['key.created', 'key.created', 'key.updated', 'key.created']);
  });

  it('holds changes of the workspace and its plan, and shows them to its own people only', async () => {
    const [ada, eve] = [await app.signUp('Ada'), await app.signUp('Eve')];
    const workspaceId = await workspaceOf(ada);
    await command(ada, 'setIpAllowlist', { ipAllowlist: ['10.0.0.0/8', '127.0.0.1'] });
    const planId = await makePlan(operator, { name: 'Audited', limits: { day: 10 }, selfServe: true });
    await command(operator, 'changePlan', { workspaceId, planId });
    await command(operator, 'suspendWorkspace', workspaceId);
    await command(operator, 'suspendWorkspace', workspaceId);
    await command(operator, 'resumeWorkspace', workspaceId);
    const log = await entries(ada);
    expect(log.map(({ type }) => type)).toEqual([
      'workspace.resumed',
      'workspace.suspended',
      'workspace.updated',
      'workspace.updated',
    ]);
    expect(log[2]).toMatchObject({
      actor: { name: 'Olga' },
      before: { planName: expect.any(String) },
      after: { planId, planName: 'Audited' },
    });
    expect(log[3]).toMatchObject({ before: { ipAllowlist: [] }, after: { ipAllowlist: ['10.0.0.0/8', '127.0.0.1'] } });
    expect(await typesOf(eve)).toEqual([]);
    expect(
      await eve.graphql(`{ workspace(id: "${workspaceId}") { auditEvents(first: 1) { edges { node { id } } } } }`),
    ).toEqual({
      workspace: null,
    });
  });

  it('is filtered, and walked in pages without a gap', async () => {
    const ada = await app.signUp();
    const [one, two] = [await ada.createKey(), await ada.createKey()];
    for (const { id } of [one, two]) await run(ada, 'revokeKey', id);
    expect(await typesOf(ada, `keyId: "${one.id}"`)).toEqual(['key.revoked', 'key.created']);
    expect(await typesOf(ada, 'types: ["key.revoked"]')).toEqual(['key.revoked', 'key.revoked']);
    expect(await typesOf(ada, `actorId: "${one.id}"`)).toEqual([]);
    expect(await typesOf(ada, 'actorKind: USER')).toHaveLength(4);
    expect(await typesOf(ada, 'actorKind: KEY')).toEqual([]);
    expect(await typesOf(ada, 'actorKind: SYSTEM')).toEqual([]);
    expect(await typesOf(ada, 'to: "2020-01-01T00:00:00Z"')).toEqual([]);
    const seen: string[] = [];
    let args = 'first: 3';
    for (let next = true; next; ) {
      const { edges, pageInfo } = await page(ada, args);
      seen.push(...edges.map(({ node }) => node.id));
      next = pageInfo.hasNextPage;
      args = `first: 3, after: "${pageInfo.endCursor}"`;
    }
    expect(seen).toEqual((await entries(ada)).map(({ id }) => id));
  });

  it('has no entry of a change that was refused', async () => {
    const ada = await app.signUp();
    const { id } = await ada.createKey();
    await run(ada, 'revokeKey', id);
    await run(ada, 'enableKey', id);
    await update(ada, { id, name: '' });
    await command(ada, 'setIpAllowlist', { ipAllowlist: ['nowhere'] });
    expect(await typesOf(ada)).toEqual(['key.revoked', 'key.created']);
  });
});
