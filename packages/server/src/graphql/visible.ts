/**
 * Visible: what the viewer may see, as conditions on rows and as rows, so that foreign ids behave like unknown ones.
 *
 * The one rule for every way to a workspace, plan, key or person. One more stands with the commands on keys: whoever may
 * change a key is shown it in the answer, that key alone.
 */
import DataLoader from 'dataloader';
import type { ApiKey, Prisma, User } from '../../gen/prisma/client.ts';
import { type Actor, can, type KeyActor } from '../accounts/actor.ts';
import type { Database } from '../kernel/database.ts';

/** The workspace of a key, those a person is a member of, or all of them for the operator. */
export function visibleWorkspace(actor: Actor): Prisma.WorkspaceWhereInput {
  if (actor.kind === 'key') return { id: actor.workspaceId };
  return actor.isOperator ? {} : { members: { some: { userId: actor.userId } } };
}

/** Plans that anybody may choose and those that visible workspaces are on, or all of them for the operator. */
export function visiblePlan(actor: Actor): Prisma.PlanWhereInput {
  if (actor.kind === 'user' && actor.isOperator) return {};
  return { OR: [{ selfServe: true }, { workspaces: { some: visibleWorkspace(actor) } }] };
}

/** Keys that are not deleted, in workspaces that are visible. A program without `keys:read` sees itself alone. */
export function visibleKey(actor: Actor): Prisma.ApiKeyWhereInput {
  const own = seesItselfAlone(actor) ? { id: actor.keyId } : {};
  return { deletedAt: null, workspace: visibleWorkspace(actor), ...own };
}

/** Members of workspaces that are visible. A program without `keys:read` sees nobody. */
export function visibleUser(actor: Actor): Prisma.UserWhereInput {
  if (seesItselfAlone(actor)) return { id: { in: [] } };
  return { members: { some: { workspace: visibleWorkspace(actor) } } };
}

/** What belongs to webhooks of workspaces whose webhooks the viewer may read. */
export function visibleWebhooks(actor: Actor): { readonly workspaceId: { in: string[] } } {
  const known = actor.kind === 'key' ? [actor.workspaceId] : [...actor.roles.keys()];
  return { workspaceId: { in: known.filter((id) => can(actor, 'webhooks:read', id)) } };
}

function seesItselfAlone(actor: Actor): actor is KeyActor {
  return actor.kind === 'key' && !actor.scopes.includes('keys:read');
}

/** Rows by id, null for what the viewer may not see. All that one operation asks for are read at once. */
export interface VisibleRows {
  key(id: string): Promise<ApiKey | null>;
  user(id: string): Promise<User | null>;
}

/** @param viewer  asked when a row is; may throw when nobody is signed in */
export function createVisibleRows(database: Database, viewer: () => Actor): VisibleRows {
  const keys = byId((ids) => database.apiKey.findMany({ where: { id: { in: ids }, AND: visibleKey(viewer()) } }));
  const users = byId((ids) => database.user.findMany({ where: { id: { in: ids }, AND: visibleUser(viewer()) } }));
  return { key: (id) => keys.load(id), user: (id) => users.load(id) };
}

function byId<T extends { id: string }>(read: (ids: string[]) => Promise<T[]>): DataLoader<string, T | null> {
  // Not remembered: in a mutation, a later field must see what an earlier one changed.
  return new DataLoader(
    async (ids) => {
      const found = new Map((await read([...ids])).map((row) => [row.id, row]));
      return ids.map((id) => found.get(id) ?? null);
    },
    { cache: false },
  );
}
