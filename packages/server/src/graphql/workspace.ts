/** A workspace in GraphQL. */
import { meantWorkspace } from '../accounts/actor.ts';
import { roles } from '../accounts/role.ts';
import { usageOf } from '../metering/usage.ts';
import { limitColumns, limitsFrom } from '../plans/limits.ts';
import { builder } from './builder.ts';
import { need, signedIn } from './context.ts';
import { mostPointsIn, readHistory, UsagePointType, UsageStepEnum, UsageType } from './usage.ts';
import { visibleWorkspace } from './visible.ts';

export const RoleEnum = builder.enumType('Role', {
  description: 'What a member may do in a workspace.',
  values: Object.fromEntries(roles.map((role) => [role.toUpperCase(), { value: role }])),
});

export const WorkspaceType = builder.prismaNode('Workspace', {
  description: 'The customer account that owns keys and is held to a plan.',
  id: { field: 'id' },
  fields: (t) => ({
    name: t.exposeString('name', { description: 'How people call it.' }),
    slug: t.exposeString('slug', { description: 'Its name in addresses.' }),
    plan: t.relation('plan', { description: 'The plan it is held to.' }),
    role: t.field({
      type: RoleEnum,
      nullable: true,
      description: 'The role of the viewer; null for keys, and for the operator in workspaces of others.',
      select: { id: true },
      resolve: ({ id }, _args, context) => {
        const actor = signedIn(context);
        return actor.kind === 'user' ? actor.roles.get(id) : undefined;
      },
    }),
    usage: t.field({
      type: UsageType,
      description: 'Its meters, against its plan.',
      select: { id: true, plan: { select: limitColumns } },
      resolve: async ({ id, plan }, _args, context) => {
        need(context, 'usage:read', id);
        return usageOf(await context.countsOf(id), limitsFrom(plan));
      },
    }),
    usageHistory: t.field({
      type: [UsagePointType],
      extensions: { mostItems: mostPointsIn },
      description: 'Past usage, a point for each step, oldest first; what was counted within the last second may lack.',
      args: {
        from: t.arg({ type: 'DateTime', required: true, description: 'The first instant.' }),
        to: t.arg({ type: 'DateTime', required: true, description: 'The first instant after the last.' }),
        step: t.arg({ type: UsageStepEnum, required: true, description: 'How long one point is.' }),
        keyId: t.arg.id({ description: 'Only this key, also one that is deleted.' }),
      },
      select: { id: true },
      resolve: ({ id }, { keyId, ...range }, context) =>
        readHistory(context, { ...range, workspaceId: id, keyId: keyId ?? undefined }),
    }),
    ipAllowlist: t.exposeStringList('ipAllowlist', { description: 'Addresses its keys may come from; empty = any.' }),
    suspendedAt: t.expose('suspendedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'Since when the operator lets none of its keys pass; null = they pass.',
    }),
  }),
});

builder.queryField('workspace', (t) =>
  t.prismaField({
    type: WorkspaceType,
    nullable: true,
    description:
      'A workspace; without an id the key’s own, or the session’s current one. Null for what one may not see.',
    args: { id: t.arg.id({ description: 'Its id.' }) },
    resolve: (query, _root, { id }, context) => {
      const actor = signedIn(context);
      // A person who was taken out of all of theirs means none, which has no id.
      const where = { id: meantWorkspace(actor, id) ?? '', AND: visibleWorkspace(actor) };
      return context.database.workspace.findUnique({ ...query, where });
    },
  }),
);
