/** The commands on workspaces in GraphQL: each calls one command and returns. */
import type { ChangedWorkspace, Workspaces } from '../accounts/workspaces.ts';
import { builder } from './builder.ts';
import { signedIn } from './context.ts';
import { answer, ForbiddenError, InvalidInputError, NotFoundError, resultType } from './problems.ts';
import { WorkspaceType } from './workspace.ts';

const WorkspacePayload = builder.objectRef<ChangedWorkspace>('WorkspacePayload').implement({
  description: 'A workspace that was changed.',
  fields: (t) => ({
    workspace: t.prismaField({
      type: WorkspaceType,
      description: 'The workspace as it is now.',
      resolve: (query, { workspaceId }, _args, { database }) =>
        database.workspace.findUniqueOrThrow({ ...query, where: { id: workspaceId } }),
    }),
  }),
});

const WorkspaceResult = builder.unionType('WorkspaceResult', {
  description: 'The workspace as it is now, or why it did not change.',
  types: [WorkspacePayload, InvalidInputError, NotFoundError, ForbiddenError],
  resolveType: resultType('WorkspacePayload'),
});

const whose = 'Which one; the session’s current workspace when left out.';
const SetIpAllowlistInput = builder.inputType('SetIpAllowlistInput', {
  description: 'From where the keys of a workspace may come.',
  fields: (t) => ({
    workspaceId: t.id({ description: whose }),
    ipAllowlist: t.stringList({
      required: true,
      description: 'All addresses and CIDR ranges, at most 100; any when empty.',
    }),
  }),
});
const RenameWorkspaceInput = builder.inputType('RenameWorkspaceInput', {
  description: 'How people call a workspace.',
  fields: (t) => ({
    workspaceId: t.id({ description: whose }),
    name: t.string({ required: true, description: '1 to 100 characters.' }),
  }),
});
const ChangePlanInput = builder.inputType('ChangePlanInput', {
  description: 'Which plan a workspace is held to.',
  fields: (t) => ({
    workspaceId: t.id({ description: whose }),
    planId: t.id({ required: true, description: 'The plan.' }),
  }),
});

builder.mutationField('setIpAllowlist', (t) =>
  t.field({
    type: WorkspaceResult,
    description: 'Says from where the keys of a workspace may come, beside what each key itself allows.',
    args: { input: t.arg({ type: SetIpAllowlistInput, required: true, description: 'From where.' }) },
    resolve: async (_root, { input: { workspaceId, ...input } }, context) =>
      answer(await context.workspaces.setIpAllowlist(signedIn(context), workspaceId, input)),
  }),
);

builder.mutationField('renameWorkspace', (t) =>
  t.field({
    type: WorkspaceResult,
    description: 'Gives a workspace another name; its slug stays.',
    args: { input: t.arg({ type: RenameWorkspaceInput, required: true, description: 'Which name.' }) },
    resolve: async (_root, { input: { workspaceId, ...input } }, context) =>
      answer(await context.workspaces.rename(signedIn(context), workspaceId, input)),
  }),
);

builder.mutationField('changePlan', (t) =>
  t.field({
    type: WorkspaceResult,
    description:
      'Puts a workspace on a plan: its owner on one that is self-serve, the operator on any. What was counted stays.',
    args: { input: t.arg({ type: ChangePlanInput, required: true, description: 'Which plan.' }) },
    resolve: async (_root, { input: { workspaceId, planId } }, context) =>
      answer(await context.plans.choose(signedIn(context), workspaceId, planId)),
  }),
);

const simpleCommands = {
  selectWorkspace: ['select', 'Makes it the current workspace of the session, which is meant when none is named.'],
  suspendWorkspace: ['suspend', 'Lets no key of a workspace pass until it is resumed. For the operator.'],
  resumeWorkspace: ['resume', 'Lets the keys of a suspended workspace pass again. For the operator.'],
} as const satisfies Record<string, readonly [keyof Workspaces, string]>;

for (const [field, [command, description]] of Object.entries(simpleCommands)) {
  builder.mutationField(field, (t) =>
    t.field({
      type: WorkspaceResult,
      description,
      args: { id: t.arg.id({ required: true, description: 'The workspace.' }) },
      resolve: async (_root, { id }, context) => answer(await context.workspaces[command](signedIn(context), id)),
    }),
  );
}
