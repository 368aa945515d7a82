/**
 * Actor: who commands. Every command takes one first and trusts no id alone.
 */
import { managementScopes } from '@gatekey/shared';
import type { By } from '../events/outbox.ts';
import { done, type Outcome, refuse } from '../kernel/problem.ts';
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
  /** Canonical text of the address they ask from. */
  readonly address: string;
}

/** The same wherever they ask from. */
export type Person = Omit<UserActor, 'address'>;

/** A program with an API key. */
export interface KeyActor {
  readonly kind: 'key';
  readonly keyId: string;
  readonly workspaceId: string;
  readonly scopes: readonly string[];
  /** Canonical text of the address it asks from. */
  readonly address: string;
}

export type Actor = UserActor | KeyActor;

/** The actor as whoever changed something. */
export function byOf(actor: Actor): By {
  return { kind: actor.kind, id: actor.kind === 'user' ? actor.userId : actor.keyId, address: actor.address };
}

/** What can be done in a workspace, as far as somebody may be kept from it. */
export type Ability =
  | 'keys:read'
  | 'keys:write'
  | 'usage:read'
  | 'audit:read'
  | 'webhooks:read'
  | 'webhooks:write'
  | 'workspace:write'
  | 'members:read'
  | 'members:write'
  | 'plan:choose'
  | 'workspace:suspend';

const abilitiesOf: Readonly<Record<Role, readonly Ability[]>> = {
  owner: [
    'keys:read',
    'keys:write',
    'usage:read',
    'audit:read',
    'webhooks:read',
    'webhooks:write',
    'workspace:write',
    'members:read',
    'members:write',
    'plan:choose',
  ],
  admin: [
    'keys:read',
    'keys:write',
    'usage:read',
    'audit:read',
    'webhooks:read',
    'webhooks:write',
    'workspace:write',
    'members:read',
    'members:write',
  ],
  member: ['keys:read', 'keys:write', 'usage:read', 'webhooks:read', 'members:read'],
  viewer: ['keys:read', 'usage:read', 'members:read'],
};
/** In every workspace, beside what a role gives. */
const abilitiesOfOperator: readonly Ability[] = [
  'keys:read',
  'usage:read',
  'audit:read',
  'members:read',
  'plan:choose',
  'workspace:suspend',
];

/** Whether the actor knows of the workspace at all. Where not, its things are not found rather than forbidden. */
export function canSee(actor: Actor, workspaceId: string): boolean {
  if (actor.kind === 'key') return actor.workspaceId === workspaceId;
  return actor.isOperator || actor.roles.has(workspaceId);
}

/** Whether the actor runs the instance. */
export function isOperator(actor: Actor): boolean {
  return actor.kind === 'user' && actor.isOperator;
}

/**
 * Whether the actor may do this in the workspace. A key may do what a management scope says; any other scope, whatever
 * its name, is a word of the operator's own API and opens nothing here.
 */
export function can(actor: Person | KeyActor, ability: Ability, workspaceId: string): boolean {
  if (actor.kind === 'key') {
    const isScope = managementScopes.some((scope) => scope === ability);
    return isScope && actor.workspaceId === workspaceId && actor.scopes.includes(ability);
  }
  const role = actor.roles.get(workspaceId);
  if (role !== undefined && abilitiesOf[role].includes(ability)) return true;
  return actor.isOperator && abilitiesOfOperator.includes(ability);
}

/**
 * Whether a person may put a scope into the hands of a program. What their role does not let them do, no program does
 * for them; a scope that says nothing here is anybody's to give.
 */
export function canGive(person: Person, scope: string, workspaceId: string): boolean {
  const ability = abilitiesOf.owner.find((one) => one === scope);
  return ability === undefined || can(person, ability, workspaceId);
}

/** The workspace that is meant: the named one, else the key's own or the session's current one. */
export function meantWorkspace(actor: Actor, named: string | null | undefined): string | undefined {
  if (named !== null && named !== undefined) return named;
  return actor.kind === 'key' ? actor.workspaceId : actor.currentWorkspaceId;
}

/** The no to a workspace that is foreign or unknown. */
export const noSuchWorkspace = refuse('not_found', 'No such workspace.');

/** The workspace that is meant, where the actor may do this in it. It may be unknown, when the operator asks. */
export function permitted(actor: Actor, ability: Ability, named: string | null | undefined): Outcome<string> {
  const workspaceId = meantWorkspace(actor, named);
  if (workspaceId === undefined || !canSee(actor, workspaceId)) return noSuchWorkspace;
  return can(actor, ability, workspaceId) ? done(workspaceId) : refuse('forbidden');
}
