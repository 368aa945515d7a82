/**
 * Rights: what the viewer may do in the workspace that is looked at, so that nothing is offered that would be refused.
 *
 * The server decides; this is its table of roles as far as the console shows or hides by it.
 */
import { type ManagementScope, managementScopes } from '@gatekey/shared';
import { createContext } from 'svelte';
import type { Workspace } from './viewer.documents.ts';

export type Role = NonNullable<Workspace['role']>;

export interface Rights {
  readonly isOperator: boolean;
  readonly role: Role | null;
  readonly writeKeys: boolean;
  readonly readLog: boolean;
  readonly readWebhooks: boolean;
  /** Allowlist, webhooks and name of the workspace, its people. */
  readonly manage: boolean;
  /** Owners among the plans that are self-serve; the operator gives any. */
  readonly choosePlan: boolean;
  /** Scopes that the viewer may give to a key. */
  readonly givable: readonly ManagementScope[];
}

/** @param role  in the workspace; null for the operator in a workspace of others */
export function rightsOf(role: Role | null, isOperator: boolean): Rights {
  const manage = role === 'OWNER' || role === 'ADMIN';
  const readLog = manage || isOperator;
  return {
    isOperator,
    role,
    manage,
    readLog,
    writeKeys: manage || role === 'MEMBER',
    readWebhooks: manage || role === 'MEMBER',
    choosePlan: role === 'OWNER' || isOperator,
    givable: managementScopes.filter((scope) => scope !== 'audit:read' || readLog),
  };
}

export const [getRights, setRights] = createContext<Rights>();
