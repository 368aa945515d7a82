/** Calls: how each operation of the table is asked of a server, and what an answer to it is. */
import { randomUUID } from 'node:crypto';
import { getNamedType, isLeafType, isObjectType } from 'graphql';
import { expect } from 'vitest';
import { z } from 'zod';
import { schema } from '../../src/graphql/schema.ts';
import { signIn } from '../app.ts';
import { makeCostRule, run } from '../commands.ts';
import { createEndpoint, command as sendCommand } from '../webhook-commands.ts';
import { isPerson } from './rule.ts';
import type { Asker } from './table.ts';
import { idOf, invite, join, type Reply, type World } from './world.ts';

/** What an operation names. */
export interface Subject {
  readonly workspaceId: string;
  /** Of the thing in the workspace, where it names one. */
  readonly id: string;
}
/** Something of the workspace, made anew for each question. */
export type Thing = (world: World, asker: Asker) => Promise<string>;

export interface Call {
  readonly thing?: Thing;
  readonly text: (subject: Subject) => string;
  /** Puts right what it changed. */
  readonly undo?: (world: World) => Promise<unknown>;
}

/** A key of the workspace. */
export const key: Thing = async ({ founder }) => (await founder.createKey({ name: 'Asked for' })).id;
/** A key of which the old secret still passes. */
export const rotatedKey: Thing = async (world, asker) => {
  const id = await key(world, asker);
  await world.founder.graphql(`mutation { rotateKey(input: { id: "${id}" }) { __typename } }`);
  return id;
};
const user: Thing = ({ founder }) => idOf(founder);
const member: Thing = async ({ founder, extra, workspaceId }) => {
  const id = await idOf(extra);
  const data = await founder.graphql(`{ workspace(id: "${workspaceId}") { members { user { id } } } }`);
  if (!JSON.stringify(data).includes(id)) await join(founder, extra, { workspaceId, role: 'MEMBER' });
  return id;
};
/** An endpoint of the workspace, where nobody listens; always the same one. It asks for nothing that happens here. */
export const endpoint: Thing = async ({ founder, workspaceId, endpointUrl }) => {
  const data = await founder.graphql(
    `{ workspace(id: "${workspaceId}") { webhookEndpoints { edges { node { id } } } } }`,
  );
  const known = /whe_\w+/.exec(JSON.stringify(data))?.[0];
  return known ?? (await createEndpoint(founder, { workspaceId, url: endpointUrl, events: ['key.expired'] })).id;
};
/** A test that was sent to it, and of which nothing goes on any more. */
export const delivery: Thing = async (world, asker) => {
  const endpointId = await endpoint(world, asker);
  const selection = '... on WebhookDeliveryPayload { delivery { id } }';
  const made = await sendCommand(world.founder, 'sendTestWebhook', endpointId, selection);
  const { id } = z.object({ delivery: z.object({ id: z.string() }) }).parse(made).delivery;
  const state = async () =>
    JSON.stringify(await world.founder.graphql(`{ node(id: "${id}") { ... on WebhookDelivery { state } } }`));
  await expect.poll(state, { timeout: 10_000 }).toContain('FAILED');
  return id;
};
/** A call of a key of the workspace, once it is in the log. */
const request: Thing = async ({ app, founder, workspaceId }) => {
  const { secret } = await founder.createKey({ name: 'Called' });
  const id = (await app.call(secret)).headers.get('request-id') ?? '';
  const asked = `{ request(workspaceId: "${workspaceId}", id: "${id}") { id } }`;
  await expect.poll(async () => JSON.stringify(await founder.graphql(asked)), { interval: 10 }).toContain(id);
  return id;
};
const invitation: Thing = async ({ founder, workspaceId }) =>
  (await invite(founder, { workspaceId, role: 'VIEWER', email: `${randomUUID()}@example.com` })).id;
const link: Thing = async ({ founder, workspaceId, people }, asker) => {
  const email = isPerson(asker) ? people[asker].email : 'program@example.com';
  return (await invite(founder, { workspaceId, role: 'VIEWER', email })).token;
};

/** Another browser of whoever asks. */
export const session: Thing = async ({ app, founder, people }, asker) => {
  const { email } = isPerson(asker) ? people[asker] : founder;
  const data = await (await signIn(app.url, email)).graphql('{ viewer { sessions { id current } } }');
  const { sessions } = z
    .object({ viewer: z.object({ sessions: z.array(z.object({ id: z.string(), current: z.boolean() })) }) })
    .parse(data).viewer;
  return sessions.find(({ current }) => current)?.id ?? '';
};

/** An id of nothing, of the same kind. */
export const unknownLike = (id: string) => id.replace(/_.*$/, '_00000000000000000000000000');

const command = (name: string, input: string) => `mutation { ${name}(${input}) { __typename } }`;
const onId = (name: string, thing = key): Call => ({ thing, text: ({ id }) => command(name, `id: "${id}"`) });
const onWorkspace = (name: string, more: Pick<Call, 'undo'> = {}): Call => ({
  text: ({ workspaceId }) => command(name, `id: "${workspaceId}"`),
  ...more,
});
const inWorkspace = (name: string, input: (id: string) => string, more: Omit<Call, 'text'> = {}): Call => ({
  text: ({ workspaceId, id }) => command(name, `input: { workspaceId: "${workspaceId}" ${input(id)} }`),
  ...more,
});
const resume = ({ people, workspaceId }: World) => run(people.operator, 'resumeWorkspace', workspaceId);
const ownAgain = async ({ founder, people, workspaceId }: World) =>
  founder.graphql(`mutation { changeMemberRole(input:
    { workspaceId: "${workspaceId}", userId: "${await idOf(people.owner)}", role: OWNER }) { __typename } }`);
const leave = async ({ founder, people, workspaceId }: World) => {
  for (const who of [people.operator, people.stranger]) {
    await founder.graphql(`mutation { removeMember(input:
      { workspaceId: "${workspaceId}", userId: "${await idOf(who)}" }) { __typename } }`);
  }
};
let plans = 0;
let rules = 0;
const costRule: Thing = async ({ people }) => makeCostRule(people.operator, { path: `/rules/${++rules}` });

/** By the name of the mutation. */
export const mutationCalls: Readonly<Record<string, (world: World) => Call>> = {
  createKey: () => inWorkspace('createKey', () => 'name: "New"'),
  updateKey: () => ({ thing: key, text: ({ id }) => command('updateKey', `input: { id: "${id}", name: "Other" }`) }),
  enableKey: () => onId('enableKey'),
  disableKey: () => onId('disableKey'),
  revokeKey: () => onId('revokeKey'),
  rotateKey: () => ({ thing: key, text: ({ id }) => command('rotateKey', `input: { id: "${id}" }`) }),
  endKeyOverlap: () => onId('endKeyOverlap', rotatedKey),
  deleteKey: () => onId('deleteKey'),
  createWebhookEndpoint: ({ endpointUrl }) =>
    inWorkspace('createWebhookEndpoint', () => `url: "${endpointUrl}", events: ["key.expired"], idempotencyKey: "one"`),
  updateWebhookEndpoint: () => ({
    thing: endpoint,
    text: ({ id }) => command('updateWebhookEndpoint', `input: { id: "${id}", description: "Other" }`),
  }),
  deleteWebhookEndpoint: () => onId('deleteWebhookEndpoint', endpoint),
  rotateWebhookSecret: () => onId('rotateWebhookSecret', endpoint),
  sendTestWebhook: () => onId('sendTestWebhook', endpoint),
  redeliverWebhook: () => onId('redeliverWebhook', delivery),
  recoverWebhooks: () => ({
    thing: endpoint,
    text: ({ id }) => command('recoverWebhooks', `input: { id: "${id}", since: "2026-01-01T00:00:00Z" }`),
  }),
  setIpAllowlist: () => inWorkspace('setIpAllowlist', () => 'ipAllowlist: ["127.0.0.0/8"]'),
  renameWorkspace: () => inWorkspace('renameWorkspace', () => 'name: "Another name"'),
  changePlan: ({ planId }) => inWorkspace('changePlan', () => `planId: "${planId}"`),
  suspendWorkspace: () => onWorkspace('suspendWorkspace', { undo: resume }),
  resumeWorkspace: () => onWorkspace('resumeWorkspace'),
  selectWorkspace: () => onWorkspace('selectWorkspace'),
  revokeSession: () => onId('revokeSession', session),
  revokeOtherSessions: () => ({ text: () => 'mutation { revokeOtherSessions { __typename } }' }),
  createPlan: () => ({ text: () => command('createPlan', `input: { name: "Plan ${++plans}", limits: {} }`) }),
  updatePlan: ({ hiddenPlanId }) => ({
    thing: async () => hiddenPlanId,
    text: ({ id }) => command('updatePlan', `input: { id: "${id}", name: "For nobody" }`),
  }),
  createCostRule: () => ({ text: () => command('createCostRule', `input: { path: "/rules/${++rules}" }`) }),
  updateCostRule: () => ({
    thing: costRule,
    text: ({ id }) => command('updateCostRule', `input: { id: "${id}", cost: 2 }`),
  }),
  deleteCostRule: () => onId('deleteCostRule', costRule),
  inviteMember: () => inWorkspace('inviteMember', () => 'email: "new@example.com", role: VIEWER', { undo: withdraw }),
  withdrawInvitation: () => onId('withdrawInvitation', invitation),
  joinWorkspace: () => ({
    thing: link,
    text: ({ id }) => command('joinWorkspace', `token: "${id}"`),
    undo: async (world) => [await leave(world), await withdraw(world)],
  }),
  changeMemberRole: () => inWorkspace('changeMemberRole', (id) => `userId: "${id}", role: ADMIN`, { thing: member }),
  removeMember: () => inWorkspace('removeMember', (id) => `userId: "${id}"`, { thing: member }),
  transferOwnership: () =>
    inWorkspace('transferOwnership', (id) => `userId: "${id}"`, { thing: member, undo: ownAgain }),
};

/** So that links that nobody uses do not fill the workspace. */
async function withdraw({ founder, workspaceId }: World): Promise<void> {
  const data = await founder.graphql(`{ workspace(id: "${workspaceId}") { invitations { id } } }`);
  for (const [id] of JSON.stringify(data).matchAll(/inv_\w+/g)) {
    await founder.graphql(`mutation { withdrawInvitation(id: "${id}") { __typename } }`);
  }
}

export const subscriptionCalls: Readonly<Record<string, (subject: Subject) => string>> = {
  usage: ({ workspaceId }) => `subscription { usage(workspaceId: "${workspaceId}") { seq } }`,
  requests: ({ workspaceId }) => `subscription { requests(workspaceId: "${workspaceId}") { leftOut } }`,
  keyChanged: ({ workspaceId }) => `subscription { keyChanged(workspaceId: "${workspaceId}") { keyId } }`,
  deliveryChanged: ({ workspaceId }) => `subscription { deliveryChanged(workspaceId: "${workspaceId}") { id } }`,
  workspaceChanged: ({ workspaceId }) => `subscription { workspaceChanged(workspaceId: "${workspaceId}") { type } }`,
};

/** Root fields of queries. */
export const queryCalls: Readonly<Record<string, (world: World) => Call>> = {
  viewer: () => ({ text: () => '{ viewer { isOperator } }' }),
  plans: () => ({ text: () => '{ plans { id } }' }),
  workspace: () => ({ text: ({ workspaceId }) => `{ workspace(id: "${workspaceId}") { id } }` }),
  workspaces: () => ({ text: () => '{ workspaces { edges { cursor } } }' }),
  costRules: () => ({ text: () => '{ costRules { id } }' }),
  request: () => ({
    thing: request,
    text: ({ workspaceId, id }) => `{ request(workspaceId: "${workspaceId}", id: "${id}") { id } }`,
  }),
  'node: Workspace': () => fieldCall('Workspace', ['id']),
  'node: ApiKey': () => fieldCall('ApiKey', ['id']),
  'node: WebhookEndpoint': () => fieldCall('WebhookEndpoint', ['id']),
  'node: WebhookDelivery': () => fieldCall('WebhookDelivery', ['id']),
  'node: User': () => fieldCall('User', ['id']),
  'node: Plan': () => fieldCall('Plan', ['id']),
};

/** By the type of what has an id. */
export const things = {
  Workspace: async ({ workspaceId }) => workspaceId,
  ApiKey: key,
  WebhookEndpoint: endpoint,
  WebhookDelivery: delivery,
  User: user,
  Plan: async ({ hiddenPlanId }) => hiddenPlanId,
} as const satisfies Record<string, Thing>;
export const twoDays = 'from: "2026-01-01T00:00:00Z", to: "2026-01-03T00:00:00Z", step: DAY';

/** Asks a thing, or the viewer, for some of its fields. */
export function fieldCall(typeName: string, names: readonly string[]): Call {
  const selected = names.map((name) => selection(typeName, name)).join(' ');
  if (typeName === 'Viewer') return { text: () => `{ viewer { ${selected} } }` };
  const node = (id: string) => `{ node(id: "${id}") { ... on ${typeName} { ${selected} } } }`;
  // Of a list one sees whether another key is in it.
  if (names.includes('keys')) return { thing: key, text: ({ workspaceId }) => node(workspaceId) };
  const [, thing] = Object.entries(things).find(([name]) => name === typeName) ?? [];
  if (thing === undefined) throw new Error(`nothing to ask ${typeName} of`);
  return { thing, text: ({ id }) => node(id) };
}

function selection(typeName: string, name: string): string {
  const type = schema.getType(typeName);
  const field = isObjectType(type) ? type.getFields()[name] : undefined;
  if (field === undefined) throw new Error(`there is no ${typeName}.${name}`);
  if (name === 'keys') return 'keys { edges { node { id } } }';
  const called = name === 'usageHistory' ? `usageHistory(${twoDays})` : name;
  const given = getNamedType(field.type);
  if (isLeafType(given)) return called;
  return `${called} ${given.name.endsWith('Connection') ? '{ edges { cursor } }' : '{ __typename }'}`;
}

const Body = z.object({
  data: z.record(z.string(), z.unknown()).nullish(),
  errors: z.array(z.object({ extensions: z.object({ code: z.string() }) })).optional(),
});

/** What a server has said, in a word of the table. @param asked  the thing that a list of keys would show */
export function answerIn({ body }: Reply, asked: string): string {
  const { data, errors } = Body.parse(body);
  const code = errors?.[0]?.extensions.code;
  if (code !== undefined) return code;
  const value = Object.values(data ?? {})[0];
  return wordFor(value, asked);
}

function wordFor(value: unknown, asked: string): string {
  if (value === null || value === undefined) return 'null';
  if (typeof value !== 'object') return 'yes';
  if ('edges' in value && asked.startsWith('key_')) return JSON.stringify(value).includes(asked) ? 'yes' : 'itself';
  if ('__typename' in value) return String(value.__typename).endsWith('Error') ? String(value.__typename) : 'yes';
  // A thing that was asked for one field answers with that.
  const shown = Object.values(value);
  return shown.length === 1 && !Array.isArray(value) ? wordFor(shown[0], asked) : 'yes';
}
