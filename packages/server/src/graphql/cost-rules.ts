/** Cost rules in GraphQL, for the operator: each command calls one of the room and returns. */
import { type Charge, type CostRule, charges } from '../plans/cost-rules.ts';
import { builder } from './builder.ts';
import { needOperator, signedIn } from './context.ts';
import {
  answer,
  ConflictError,
  ForbiddenError,
  InvalidInputError,
  LimitReachedError,
  NotFoundError,
  resultType,
} from './problems.ts';

const ChargeType = builder.enumType('CostRuleCharge', {
  description: 'When a call is charged.',
  values: {
    ALWAYS: { value: charges[0], description: 'When it is let in.' },
    NOT_ON_5XX: {
      value: charges[1],
      description:
        'When it is let in, and given back when the API behind answers 5xx, is away, or is late. Through the gateway only.',
    },
  },
});

const CostRuleType = builder.objectRef<CostRule>('CostRule').implement({
  description:
    'What calls of a method and a path cost, and which scope they need. Holds for paths that are not built in, through the gateway and with forward-auth; of several the most specific one.',
  fields: (t) => ({
    id: t.exposeID('id', { description: '`rule_…`' }),
    method: t.exposeString('method', { nullable: true, description: 'Null = any. GET holds for HEAD as well.' }),
    path: t.exposeString('path', {
      description: 'Decoded, in any case; `*` stands for any one segment, `**` at the end for any number.',
    }),
    cost: t.exposeInt('cost', { description: 'As how many calls it counts; 0 = free.' }),
    scope: t.exposeString('scope', { nullable: true, description: 'A scope that the key must have.' }),
    charge: t.field({ type: ChargeType, description: 'When it is charged.', resolve: ({ charge }): Charge => charge }),
  }),
});

builder.queryField('costRules', (t) =>
  t.field({
    type: [CostRuleType],
    description: 'All cost rules, as they were made. For the operator.',
    resolve: (_root, _args, context) => {
      needOperator(context);
      return context.costRules.list();
    },
  }),
);

const CostRulePayload = builder.objectRef<CostRule>('CostRulePayload').implement({
  description: 'A rule that was made or changed.',
  fields: (t) => ({
    costRule: t.field({ type: CostRuleType, description: 'The rule as it is now.', resolve: (rule) => rule }),
  }),
});
const DeleteCostRulePayload = builder.objectRef<{ readonly id: string }>('DeleteCostRulePayload').implement({
  description: 'A rule is gone.',
  fields: (t) => ({ costRuleId: t.exposeID('id', { description: 'Its id.' }) }),
});

const CostRuleResult = builder.unionType('CostRuleResult', {
  description: 'The rule as it is now, or why nothing changed.',
  types: [CostRulePayload, InvalidInputError, NotFoundError, ForbiddenError, ConflictError, LimitReachedError],
  resolveType: resultType('CostRulePayload'),
});
const DeleteCostRuleResult = builder.unionType('DeleteCostRuleResult', {
  description: 'That it is gone, or why not.',
  types: [DeleteCostRulePayload, NotFoundError, ForbiddenError],
  resolveType: resultType('DeleteCostRulePayload'),
});

const CreateCostRuleInput = builder.inputType('CreateCostRuleInput', {
  description: 'What a new rule is.',
  fields: (t) => ({
    method: t.string({ description: 'Any when left out. GET holds for HEAD as well.' }),
    path: t.string({ required: true, description: 'As `/api/v1/reports/*`, or `/api/v1/admin/**`.' }),
    cost: t.int({ description: '0 to 1000; 1 when left out.' }),
    scope: t.string({ description: 'None when left out.' }),
    charge: t.field({ type: ChargeType, description: 'ALWAYS when left out.' }),
  }),
});
const UpdateCostRuleInput = builder.inputType('UpdateCostRuleInput', {
  description: 'What changes; what is left out stays.',
  fields: (t) => ({
    id: t.id({ required: true, description: 'The rule.' }),
    method: t.string({ description: 'Null = any.' }),
    path: t.string({ description: 'As `/api/v1/reports/*`.' }),
    cost: t.int({ description: '0 to 1000.' }),
    scope: t.string({ description: 'Null = none.' }),
    charge: t.field({ type: ChargeType, description: 'When it is charged.' }),
  }),
});

builder.mutationField('createCostRule', (t) =>
  t.field({
    type: CostRuleResult,
    description: 'Makes a rule. It holds on every server within a second. For the operator.',
    args: { input: t.arg({ type: CreateCostRuleInput, required: true, description: 'What it is.' }) },
    resolve: async (_root, { input }, context) => answer(await context.costRules.create(signedIn(context), input)),
  }),
);

builder.mutationField('updateCostRule', (t) =>
  t.field({
    type: CostRuleResult,
    description: 'Changes a rule. What was charged stays charged. For the operator.',
    args: { input: t.arg({ type: UpdateCostRuleInput, required: true, description: 'What changes.' }) },
    resolve: async (_root, { input: { id, ...changes } }, context) =>
      answer(await context.costRules.update(signedIn(context), id, changes)),
  }),
);

builder.mutationField('deleteCostRule', (t) =>
  t.field({
    type: DeleteCostRuleResult,
    description: 'Deletes a rule. For the operator.',
    args: { id: t.arg.id({ required: true, description: 'The rule.' }) },
    resolve: async (_root, { id }, context) => answer(await context.costRules.delete(signedIn(context), id)),
  }),
);
