/** Limits and plans in GraphQL. */
import type { Limits } from '@gatekey/shared';
import { isOperator } from '../accounts/actor.ts';
import { limitColumns, limitsFrom } from '../plans/limits.ts';
import { builder } from './builder.ts';
import { signedIn } from './context.ts';

export const LimitsType = builder.objectRef<Limits>('Limits').implement({
  description: 'Calls that may pass in each UTC calendar window; null = no limit.',
  fields: (t) => ({
    minute: t.expose('minute', { type: 'SafeInt', nullable: true, description: 'Calls a minute.' }),
    day: t.expose('day', { type: 'SafeInt', nullable: true, description: 'Calls a day.' }),
    month: t.expose('month', { type: 'SafeInt', nullable: true, description: 'Calls a month.' }),
  }),
});

export const LimitsInput = builder.inputType('LimitsInput', {
  description: 'Limits by window; null = no limit. What is left out is none as well, but stays where a key is changed.',
  fields: (t) => ({
    minute: t.field({ type: 'SafeInt', description: 'Calls a minute.' }),
    day: t.field({ type: 'SafeInt', description: 'Calls a day.' }),
    month: t.field({ type: 'SafeInt', description: 'Calls a month.' }),
  }),
});

export const PlanType = builder.prismaNode('Plan', {
  description: 'Limits that workspaces are held to.',
  id: { field: 'id' },
  fields: (t) => ({
    name: t.exposeString('name', { description: 'How people call it.' }),
    limits: t.field({
      type: LimitsType,
      description: 'Counted over all keys of a workspace.',
      select: limitColumns,
      resolve: limitsFrom,
    }),
    selfServe: t.exposeBoolean('selfServe', { description: 'Whether the owner of a workspace may choose it.' }),
  }),
});

builder.queryField('plans', (t) =>
  t.prismaField({
    type: [PlanType],
    description: 'The plans that the owner of a workspace may choose; every plan for the operator.',
    resolve: (query, _root, _args, context) =>
      context.database.plan.findMany({
        ...query,
        where: isOperator(signedIn(context)) ? {} : { selfServe: true },
        orderBy: [{ createdAt: 'asc' }, { id: 'asc' }],
      }),
  }),
);
