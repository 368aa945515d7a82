/** Command: what all commands on a key have in common. */
import { type Actor, can, canSee } from '../accounts/actor.ts';
import type { Events } from '../events/domain-event.ts';
import type { Clock } from '../kernel/clock.ts';
import type { Database, Transaction } from '../kernel/database.ts';
import type { NewId } from '../kernel/id.ts';
import { done, type Outcome, refuse } from '../kernel/problem.ts';
import type { KeyLife } from './key.ts';

export interface KeysNeeds {
  readonly database: Database;
  readonly events: Events;
  readonly clock: Clock;
  readonly newId: NewId;
  readonly keyPrefix: string;
}

/** The id of the key that a command made or changed. */
export interface ChangedKey {
  readonly keyId: string;
}
/** A key and its new secret, which nobody can read again. */
export interface IssuedKey extends ChangedKey {
  readonly secret: string;
}

/** What a command looks at before it changes a key. */
export interface KeyState extends KeyLife {
  readonly workspaceId: string;
  readonly scopes: readonly string[];
}

/** The key, if the actor may change it. What they may not see is not found. */
export async function findToChange(
  database: Database | Transaction,
  actor: Actor,
  keyId: string,
): Promise<Outcome<KeyState>> {
  const key = await database.apiKey.findFirst({
    where: { id: keyId, deletedAt: null },
    select: { workspaceId: true, scopes: true, expiresAt: true, disabledAt: true, revokedAt: true },
  });
  if (key === null || !canSee(actor, key.workspaceId)) return refuse('not_found', 'No such key.');
  return can(actor, 'keys:write', key.workspaceId) ? done(key) : refuse('forbidden');
}

export const revoked = refuse('conflict', 'The key is revoked, which is final.');
export const scopesTooWide = refuse('forbidden', 'A key can only give scopes that it has.');

/** Whether the actor may put these scopes into somebody's hands. */
export function mayGive(actor: Actor, scopes: readonly string[]): boolean {
  return actor.kind === 'user' || scopes.every((scope) => actor.scopes.includes(scope));
}
