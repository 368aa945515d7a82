/** Visible: conditions that leave only what the viewer may see, so that foreign ids behave like unknown ones. */
import type { Prisma } from '../../gen/prisma/client.ts';
import { type Context, signedIn } from './context.ts';

/** @throws GraphQLError UNAUTHENTICATED */
export function visibleWorkspace(context: Context): Prisma.WorkspaceWhereInput {
  const actor = signedIn(context);
  if (actor.kind === 'key') return { id: actor.workspaceId };
  return actor.isOperator ? {} : { members: { some: { userId: actor.userId } } };
}

/** Keys that are not deleted, in workspaces that are visible. @throws GraphQLError UNAUTHENTICATED */
export function visibleKey(context: Context): Prisma.ApiKeyWhereInput {
  const actor = signedIn(context);
  // A program without `keys:read` may see itself.
  const own = actor.kind === 'key' && !actor.scopes.includes('keys:read') ? { id: actor.keyId } : {};
  return { deletedAt: null, workspace: visibleWorkspace(context), ...own };
}

/** Oneself and fellow members. @throws GraphQLError UNAUTHENTICATED */
export function visibleUser(context: Context): Prisma.UserWhereInput {
  return { members: { some: { workspace: visibleWorkspace(context) } } };
}
