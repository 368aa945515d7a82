/** Members of a workspace in GraphQL, and the commands on them: each calls one command and returns. */
import { type InvitedMember, type Members, mostMembers } from '../accounts/members.ts';
import { roleFrom } from '../accounts/role.ts';
import type { ChangedWorkspace } from '../accounts/workspaces.ts';
import { builder } from './builder.ts';
import { need, signedIn } from './context.ts';
import {
  answer,
  ConflictError,
  ForbiddenError,
  InvalidInputError,
  LimitReachedError,
  NotFoundError,
  resultType,
} from './problems.ts';
import { RoleEnum, WorkspaceType } from './workspace.ts';

const MemberType = builder.prismaObject('Member', {
  description: 'A person in a workspace.',
  fields: (t) => ({
    user: t.relation('user', { description: 'Who.' }),
    role: t.field({
      type: RoleEnum,
      nullable: true,
      description: 'What they may do here.',
      select: { role: true },
      resolve: ({ role }) => roleFrom(role),
    }),
    joinedAt: t.expose('createdAt', { type: 'DateTime', description: 'Since when.' }),
  }),
});

const InvitationType = builder.prismaObject('Invitation', {
  description: 'A link that nobody has used yet.',
  fields: (t) => ({
    id: t.exposeID('id', { description: 'Its id, `inv_…`.' }),
    email: t.exposeString('email', { description: 'Whom it is for.' }),
    role: t.field({
      type: RoleEnum,
      nullable: true,
      description: 'What they will be able to do.',
      select: { role: true },
      resolve: ({ role }) => roleFrom(role ?? ''),
    }),
    expiresAt: t.expose('expiresAt', { type: 'DateTime', description: 'From when on it lets nobody in.' }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When it was made.' }),
  }),
});

builder.prismaObjectFields(WorkspaceType, (t) => ({
  members: t.prismaField({
    type: [MemberType],
    extensions: { mostItems: () => mostMembers },
    description: 'Its people, the longest there first; at most 100. For its people alone.',
    resolve: (query, { id: workspaceId }, _args, context) => {
      need(context, 'members:read', workspaceId);
      return context.database.member.findMany({ ...query, where: { workspaceId }, orderBy: { createdAt: 'asc' } });
    },
  }),
  invitations: t.prismaField({
    type: [InvitationType],
    extensions: { mostItems: () => mostMembers },
    description: 'Links that are open, the newest first. For owners and admins.',
    resolve: (query, { id: workspaceId }, _args, context) => {
      need(context, 'members:write', workspaceId);
      const open = { workspaceId, status: 'pending', expiresAt: { gt: new Date(context.clock.now()) } };
      return context.database.invitation.findMany({ ...query, where: open, orderBy: { createdAt: 'desc' } });
    },
  }),
}));

const InviteMemberPayload = builder.objectRef<InvitedMember>('InviteMemberPayload').implement({
  description: 'A link that was made.',
  fields: (t) => ({
    invitation: t.prismaField({
      type: InvitationType,
      description: 'The invitation.',
      resolve: (query, { invitationId }, _args, { database }) =>
        database.invitation.findUniqueOrThrow({ ...query, where: { id: invitationId } }),
    }),
    token: t.exposeString('token', {
      description: 'What `/join#<token>` of the console carries, and `joinWorkspace` takes. Told this once.',
    }),
    mailed: t.exposeBoolean('mailed', {
      description: 'Whether the link goes to them by mail, too; false where this instance sends none.',
    }),
  }),
});
const InviteMemberResult = builder.unionType('InviteMemberResult', {
  description: 'The link, or why there is none.',
  types: [InviteMemberPayload, InvalidInputError, NotFoundError, ForbiddenError, LimitReachedError],
  resolveType: resultType('InviteMemberPayload'),
});

const MembersPayload = builder.objectRef<ChangedWorkspace>('MembersPayload').implement({
  description: 'A workspace whose people were changed.',
  fields: (t) => ({
    workspaceId: t.exposeID('workspaceId', { description: 'The workspace; the viewer may have left it.' }),
    workspace: t.prismaField({
      type: WorkspaceType,
      nullable: true,
      description: 'The workspace as it is now; null for whoever has left it.',
      resolve: (query, { workspaceId }, _args, context) => {
        const actor = signedIn(context);
        if (actor.kind === 'key') return null;
        return context.database.workspace.findFirst({
          ...query,
          // As it is now, not as it was when the request began.
          where: { id: workspaceId, members: { some: { userId: actor.userId } } },
        });
      },
    }),
  }),
});
const MembersResult = builder.unionType('MembersResult', {
  description: 'The workspace whose people were changed, or why they were not.',
  types: [MembersPayload, InvalidInputError, NotFoundError, ForbiddenError, ConflictError],
  resolveType: resultType('MembersPayload'),
});

const whose = 'Which workspace; the session’s current one when left out.';
const InviteMemberInput = builder.inputType('InviteMemberInput', {
  description: 'Whom to invite.',
  fields: (t) => ({
    workspaceId: t.id({ description: whose }),
    email: t.string({ required: true, description: 'The address of their account, present or to come.' }),
    role: t.field({ type: RoleEnum, required: true, description: 'What they will be able to do.' }),
  }),
});
const ChangeMemberRoleInput = builder.inputType('ChangeMemberRoleInput', {
  description: 'Whose role to change.',
  fields: (t) => ({
    workspaceId: t.id({ description: whose }),
    userId: t.id({ required: true, description: 'The member.' }),
    role: t.field({ type: RoleEnum, required: true, description: 'The new role.' }),
  }),
});
builder.mutationField('inviteMember', (t) =>
  t.field({
    type: InviteMemberResult,
    description: 'Makes a link by which one person can join within 7 days.',
    args: { input: t.arg({ type: InviteMemberInput, required: true, description: 'Whom.' }) },
    resolve: async (_root, { input: { workspaceId, ...input } }, context) =>
      answer(await context.members.invite(signedIn(context), workspaceId, input)),
  }),
);

builder.mutationField('withdrawInvitation', (t) =>
  t.field({
    type: MembersResult,
    description: 'Makes a link worthless that nobody has used.',
    args: { id: t.arg.id({ required: true, description: 'The invitation.' }) },
    resolve: async (_root, { id }, context) => answer(await context.members.uninvite(signedIn(context), id)),
  }),
);

builder.mutationField('joinWorkspace', (t) =>
  t.field({
    type: MembersResult,
    description: 'Joins by a link. The account must have the address that it was made for.',
    args: { token: t.arg.string({ required: true, description: 'What the link carries.' }) },
    resolve: async (_root, { token }, context) => answer(await context.members.join(signedIn(context), token)),
  }),
);

builder.mutationField('changeMemberRole', (t) =>
  t.field({
    type: MembersResult,
    description: 'Gives a member another role. It holds at once.',
    args: { input: t.arg({ type: ChangeMemberRoleInput, required: true, description: 'Whose.' }) },
    resolve: async (_root, { input: { workspaceId, ...input } }, context) =>
      answer(await context.members.changeRole(signedIn(context), workspaceId, input)),
  }),
);

const memberCommands = {
  removeMember: ['remove', 'Takes a member out, or oneself. Their streams in this workspace end at once.'],
  transferOwnership: ['transfer', 'Makes another member an owner, and oneself an admin.'],
} as const satisfies Record<string, readonly [keyof Members, string]>;

for (const [field, [command, description]] of Object.entries(memberCommands)) {
  const MemberInput = builder.inputType(`${field.charAt(0).toUpperCase()}${field.slice(1)}Input`, {
    description: 'One member.',
    fields: (t) => ({
      workspaceId: t.id({ description: whose }),
      userId: t.id({ required: true, description: 'The member.' }),
    }),
  });
  builder.mutationField(field, (t) =>
    t.field({
      type: MembersResult,
      description,
      args: { input: t.arg({ type: MemberInput, required: true, description: 'Whom.' }) },
      resolve: async (_root, { input: { workspaceId, userId } }, context) =>
        answer(await context.members[command](signedIn(context), workspaceId, userId)),
    }),
  );
}
