/**
 * Actor: who commands. Every command takes one first and trusts no id alone.
 */
import type { Role } from './role.ts';

/** A signed-in person. */
export interface UserActor {
  readonly kind: 'user';
  readonly userId: string;
  readonly sessionId: string;
  readonly isOperator: boolean;
  /** The roles of the person, by workspace id. */
  readonly roles: ReadonlyMap<string, Role>;
  /** The workspace that a command without one is meant for. */
  readonly currentWorkspaceId: string | undefined;
}

/** A program with an API key. */
export interface KeyActor {
  readonly kind: 'key';
  readonly keyId: string;
  readonly workspaceId: string;
  readonly scopes: readonly string[];
}

export type Actor = UserActor | KeyActor;

/** What can be done in a workspace, as far as somebody may be kept from it. */
export type Ability = 'keys:read' | 'keys:write' | 'usage:read';

const abilitiesOf: Readonly<Record<Role, readonly Ability[]>> = {
  owner: ['keys:read', 'keys:write', 'usage:read'],
  admin: ['keys:read', 'keys:write', 'usage:read'],
  member: ['keys:read', 'keys:write', 'usage:read'],
  viewer: ['keys:read', 'usage:read'],
};

/** Whether the actor knows of the workspace at all. Where not, its things are not found rather than forbidden. */
export function canSee(actor: Actor, workspaceId: string): boolean {
  if (actor.kind === 'key') return actor.workspaceId === workspaceId;
  return actor.isOperator || actor.roles.has(workspaceId);
}

/** Whether the actor may do this in the workspace. The operator sees every workspace but changes only their own. */
export function can(actor: Actor, ability: Ability, workspaceId: string): boolean {
  if (actor.kind === 'key') return actor.workspaceId === workspaceId && actor.scopes.includes(ability);
  const role = actor.roles.get(workspaceId);
  if (role !== undefined) return abilitiesOf[role].includes(ability);
  return actor.isOperator && (ability === 'keys:read' || ability === 'usage:read');
}

/** The workspace that is meant: the named one, else the key's own or the session's current one. */
export function meantWorkspace(actor: Actor, named: string | null | undefined): string | undefined {
  if (named !== null && named !== undefined) return named;
  return actor.kind === 'key' ? actor.workspaceId : actor.currentWorkspaceId;
}
