/** The live part of GraphQL: usage ticks, and changes of keys and of the workspace. */
import type { KeyEvent, SeenRequest } from '../events/domain-event.ts';
import { watchKeyChanges } from '../live/key-changes.ts';
import type { UsageTick } from '../live/usage-tick.ts';
import { type WorkspaceChange, watchWorkspaceChanges } from '../live/workspace-changes.ts';
import type { Usage } from '../metering/usage.ts';
import { ApiKeyType } from './api-key.ts';
import { builder } from './builder.ts';
import { meantVisibleWorkspace, need, signedIn } from './context.ts';
import { UsageType } from './usage.ts';
import { visibleKey } from './visible.ts';
import { whileAllowed } from './while-allowed.ts';

const KeyUsageType = builder.objectRef<{ keyId: string; usage: Usage }>('KeyUsage').implement({
  description: 'The meters of one key.',
  fields: (t) => ({
    keyId: t.exposeID('keyId', { description: 'The key.' }),
    usage: t.expose('usage', { type: UsageType, description: 'Against its own limits.' }),
  }),
});

const UsageTickType = builder.objectRef<UsageTick>('UsageTick').implement({
  description: 'The meters at one instant.',
  fields: (t) => ({
    seq: t.expose('seq', { type: 'SafeInt', description: 'Grows from tick to tick, also over a reconnect.' }),
    at: t.field({
      type: 'DateTime',
      description: 'When the counter was read, by its clock.',
      resolve: ({ at }) => new Date(at),
    }),
    isComplete: t.exposeBoolean('isComplete', {
      description: 'False while servers cannot share their counts; then these are what this server knows by itself.',
    }),
    usage: t.expose('usage', { type: UsageType, description: 'The workspace’s meters, against its plan.' }),
    keys: t.field({
      type: [KeyUsageType],
      description: 'All keys in the first tick, then those that changed.',
      resolve: ({ keys }) => Array.from(keys, ([keyId, usage]) => ({ keyId, usage })),
    }),
  }),
});

builder.subscriptionField('usage', (t) =>
  t.field({
    type: UsageTickType,
    description: 'A full snapshot first, then what changed: within 300 ms, at most 5 a second, at least one in 2 s.',
    args: {
      workspaceId: t.arg.id({ description: 'The workspace; the viewer’s own or current one when left out.' }),
      keyId: t.arg.id({ description: 'Only this key in `keys`.' }),
    },
    // Of ticks, which hold all that is shown: see shared-execution.ts.
    extensions: { isSameForAll: true },
    subscribe: async (_root, { workspaceId: named, keyId }, context) => {
      const workspaceId = meantVisibleWorkspace(context, named);
      need(context, 'usage:read', workspaceId);
      const ticks = await context.feed.watch(workspaceId, keyId ?? undefined);
      return whileAllowed(context, { ability: 'usage:read', workspaceId }, ticks);
    },
    resolve: (tick) => tick,
  }),
);

const changeKinds = {
  'key.created': 'CREATED',
  'key.updated': 'UPDATED',
  'key.enabled': 'ENABLED',
  'key.disabled': 'DISABLED',
  'key.revoked': 'REVOKED',
  'key.rotated': 'ROTATED',
  'key.deleted': 'DELETED',
  'key.first_used': 'FIRST_USED',
} as const satisfies Record<KeyEvent['type'], string>;

const KeyChangeKindEnum = builder.enumType('KeyChangeKind', {
  description: 'What happened to a key.',
  values: Object.values(changeKinds),
});

const SeenRequestType = builder.objectRef<SeenRequest>('SeenRequest').implement({
  description: 'A request as it was answered.',
  fields: (t) => ({
    at: t.field({ type: 'DateTime', description: 'When.', resolve: ({ at }) => new Date(at) }),
    method: t.exposeString('method', { description: 'Its method.' }),
    path: t.exposeString('path', { description: 'Its path, without the query.' }),
    status: t.exposeInt('status', { description: 'The status of the answer.' }),
    address: t.exposeString('address', { description: 'Where it came from.' }),
  }),
});

const KeyChangeType = builder.objectRef<KeyEvent>('KeyChange').implement({
  description: 'A change of a key.',
  fields: (t) => ({
    kind: t.field({ type: KeyChangeKindEnum, description: 'What happened.', resolve: ({ type }) => changeKinds[type] }),
    keyId: t.exposeID('keyId', { description: 'The key.' }),
    key: t.prismaField({
      type: ApiKeyType,
      nullable: true,
      description: 'The key as it is now; null once it is deleted.',
      resolve: (query, { keyId }, _args, context) =>
        context.database.apiKey.findUnique({ ...query, where: { id: keyId, AND: visibleKey(signedIn(context)) } }),
    }),
    firstRequest: t.field({
      type: SeenRequestType,
      nullable: true,
      description: 'The request that used the key for the first time; only with FIRST_USED.',
      resolve: (change) => (change.type === 'key.first_used' ? change.request : null),
    }),
  }),
});

builder.subscriptionField('keyChanged', (t) =>
  t.field({
    type: KeyChangeType,
    description: 'Every change of a key of the workspace, from any server.',
    args: { workspaceId: t.arg.id({ description: 'The workspace; the viewer’s own or current one when left out.' }) },
    subscribe: async (_root, { workspaceId: named }, context) => {
      const workspaceId = meantVisibleWorkspace(context, named);
      need(context, 'keys:read', workspaceId);
      const changes = await watchKeyChanges(context.events, workspaceId);
      return whileAllowed(context, { ability: 'keys:read', workspaceId }, changes);
    },
    resolve: (change) => change,
  }),
);

const WorkspaceChangeType = builder.objectRef<WorkspaceChange>('WorkspaceChange').implement({
  description: 'That something about a workspace was changed. A hint: what is true now is to be asked for.',
  fields: (t) => ({
    type: t.string({ description: 'What happened, as `member.updated`.', resolve: (type) => type }),
  }),
});

builder.subscriptionField('workspaceChanged', (t) =>
  t.field({
    type: WorkspaceChangeType,
    description: 'Every change of the workspace, its people, or a plan, from any server.',
    args: { workspaceId: t.arg.id({ description: 'The workspace; the viewer’s current one when left out.' }) },
    subscribe: async (_root, { workspaceId: named }, context) => {
      const workspaceId = meantVisibleWorkspace(context, named);
      need(context, 'members:read', workspaceId);
      const changes = await watchWorkspaceChanges(context.events, workspaceId);
      return whileAllowed(context, { ability: 'members:read', workspaceId }, changes);
    },
    resolve: (change) => change,
  }),
);
