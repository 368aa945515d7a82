/** The viewer: who is asking. */
import { managementScopes } from '@gatekey/shared';
import { type Actor, isOperator } from '../accounts/actor.ts';
import { ApiKeyType } from './api-key.ts';
import { builder } from './builder.ts';
import { signedIn } from './context.ts';
import { UserType } from './user.ts';
import { visibleWorkspace } from './visible.ts';
import { WorkspaceType } from './workspace.ts';

export const ViewerType = builder.objectRef<Actor>('Viewer').implement({
  description: 'Who is asking: a signed-in user or an API key.',
  fields: (t) => ({
    user: t.prismaField({
      type: UserType,
      nullable: true,
      description: 'The signed-in user; null for a key.',
      resolve: (query, actor, _args, { database }) =>
        actor.kind === 'user' ? database.user.findUnique({ ...query, where: { id: actor.userId } }) : null,
    }),
    key: t.prismaField({
      type: ApiKeyType,
      nullable: true,
      description: 'The key; null for a user.',
      resolve: (query, actor, _args, { database }) =>
        actor.kind === 'key' ? database.apiKey.findUnique({ ...query, where: { id: actor.keyId } }) : null,
    }),
    workspaces: t.prismaField({
      type: [WorkspaceType],
      // As many as few people are in.
      extensions: { mostItems: () => 10 },
      description: 'The workspaces of the user, or the one of the key.',
      resolve: (query, actor, _args, context) =>
        context.database.workspace.findMany({
          ...query,
          where: actor.kind === 'user' ? { members: { some: { userId: actor.userId } } } : visibleWorkspace(actor),
          orderBy: { createdAt: 'asc' },
        }),
    }),
    scopes: t.stringList({
      description: 'What the viewer may do: the scopes of a key; all management scopes for a user, whose role decides.',
      resolve: (actor) => (actor.kind === 'key' ? [...actor.scopes] : [...managementScopes]),
    }),
    isOperator: t.boolean({
      description: 'Whether the viewer runs this instance.',
      resolve: isOperator,
    }),
    address: t.string({
      description: 'The address the viewer comes from, as this server sees it.',
      resolve: (_actor, _args, context) => context.address,
    }),
  }),
});

builder.queryField('viewer', (t) =>
  t.field({
    type: ViewerType,
    description: 'Who is asking.',
    resolve: (_root, _args, context) => signedIn(context),
  }),
);
