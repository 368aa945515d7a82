/** The commands on plans in GraphQL: each calls one command and returns. */
import type { ChangedPlan } from '../plans/plans.ts';
import { builder } from './builder.ts';
import { signedIn } from './context.ts';
import { LimitsInput, PlanType } from './limits.ts';
import { answer, ConflictError, ForbiddenError, InvalidInputError, NotFoundError, resultType } from './problems.ts';

const PlanPayload = builder.objectRef<ChangedPlan>('PlanPayload').implement({
  description: 'A plan that was made or changed.',
  fields: (t) => ({
    plan: t.prismaField({
      type: PlanType,
      description: 'The plan as it is now.',
      resolve: (query, { planId }, _args, { database }) =>
        database.plan.findUniqueOrThrow({ ...query, where: { id: planId } }),
    }),
  }),
});

const PlanResult = builder.unionType('PlanResult', {
  description: 'The plan as it is now, or why nothing changed.',
  types: [PlanPayload, InvalidInputError, NotFoundError, ForbiddenError, ConflictError],
  resolveType: resultType('PlanPayload'),
});

const CreatePlanInput = builder.inputType('CreatePlanInput', {
  description: 'What a new plan is.',
  fields: (t) => ({
    name: t.string({ required: true, description: '1 to 100 characters, as no other plan has.' }),
    limits: t.field({ type: LimitsInput, required: true, description: 'Counted over all keys of a workspace.' }),
    selfServe: t.boolean({ description: 'Whether the owner of a workspace may choose it; not when left out.' }),
  }),
});
const UpdatePlanInput = builder.inputType('UpdatePlanInput', {
  description: 'What changes; what is left out stays.',
  fields: (t) => ({
    id: t.id({ required: true, description: 'The plan.' }),
    name: t.string({ description: '1 to 100 characters, as no other plan has.' }),
    limits: t.field({ type: LimitsInput, description: 'All its limits.' }),
    selfServe: t.boolean({ description: 'Whether the owner of a workspace may choose it.' }),
  }),
});

builder.mutationField('createPlan', (t) =>
  t.field({
    type: PlanResult,
    description: 'Makes a plan. For the operator.',
    args: { input: t.arg({ type: CreatePlanInput, required: true, description: 'What it is.' }) },
    resolve: async (_root, { input }, context) => answer(await context.plans.create(signedIn(context), input)),
  }),
);

builder.mutationField('updatePlan', (t) =>
  t.field({
    type: PlanResult,
    description: 'Changes a plan for every workspace that is on it. What was counted stays. For the operator.',
    args: { input: t.arg({ type: UpdatePlanInput, required: true, description: 'What changes.' }) },
    resolve: async (_root, { input: { id, ...changes } }, context) =>
      answer(await context.plans.update(signedIn(context), id, changes)),
  }),
);
