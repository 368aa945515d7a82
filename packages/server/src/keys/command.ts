/** Command: what all commands on a key have in common. */
import { kindOfId } from '@gatekey/shared';
import { type Actor, byOf, can, canSee } from '../accounts/actor.ts';
import type { KeyChanged } from '../events/domain-event.ts';
import { difference, type Facts, type Outbox } from '../events/outbox.ts';
import type { Clock } from '../kernel/clock.ts';
import type { Transaction } from '../kernel/database.ts';
import type { NewId } from '../kernel/id.ts';
import { done, type Outcome, refuse } from '../kernel/problem.ts';
import { limitsFrom } from '../plans/limits.ts';
import type { KeyLife } from './key.ts';
import { noSuchKey } from './list.ts';
import { type Reach, reachColumns, reachFrom } from './reach.ts';

export interface KeysNeeds {
  readonly outbox: Outbox;
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

/** A key that was asked for; its secret unless it had been made before, by the same create. */
export interface CreatedKey extends ChangedKey {
  readonly secret: string | null;
}

/** What a command looks at before it changes a key. */
export interface KeyState extends KeyLife, Reach {
  readonly expiresAt: Date | null;
  readonly workspaceId: string;
}

/** Who changes which key. */
interface Target {
  readonly actor: Actor;
  readonly keyId: string;
  /** Whether a revoked key may be changed in this way too. */
  readonly alsoRevoked?: boolean;
}

interface Change<T> {
  readonly value: T;
  /** The event that tells of it; undefined when nothing changed. */
  readonly told: KeyChanged['type'] | undefined;
}

const revoked = refuse('conflict', 'The key is revoked, which is final.');

/**
 * One change of one key: found and allowed, written in one transaction with its entry, told once it is committed. Others
 * that change the same key wait for it, and then see it. What the actor may not see is not found.
 */
export function changeKey<T>(
  { outbox }: KeysNeeds,
  { actor, keyId, alsoRevoked = false }: Target,
  change: (tx: Transaction, key: KeyState) => Promise<Outcome<Change<T>>>,
): Promise<Outcome<T>> {
  // What is no id might not even be text that the database takes.
  if (kindOfId(keyId) !== 'key') return Promise.resolve(noSuchKey);
  return outbox.commit(async (tx, append) => {
    await tx.$queryRaw`select 1 from api_key where id = ${keyId} for update`;
    const found = await findToChange(tx, actor, keyId);
    if (!found.ok) return found;
    const { workspaceId, revokedAt } = found.value;
    if (revokedAt !== null && !alsoRevoked) return revoked;
    const before = await factsOf(tx, keyId);
    const changed = await change(tx, found.value);
    if (!changed.ok) return changed;
    const { value, told: type } = changed.value;
    if (type === undefined) return done(value);
    const facts = type === 'key.deleted' ? { before } : difference(before, await factsOf(tx, keyId));
    await append({ event: { type, workspaceId, keyId }, by: byOf(actor), ...facts });
    return done(value);
  });
}

/** What is told of a key in the entries of its changes. */
export async function factsOf(tx: Transaction, keyId: string): Promise<Facts> {
  const { secrets, disabledAt, revokedAt, minuteLimit, dayLimit, monthLimit, ...facts } =
    await tx.apiKey.findUniqueOrThrow({
      where: { id: keyId },
      select: {
        ...reachColumns,
        name: true,
        hint: true,
        metadata: true,
        disabledAt: true,
        revokedAt: true,
        secrets: { where: { endsAt: { not: null } }, select: { endsAt: true } },
      },
    });
  return {
    ...facts,
    limits: limitsFrom({ minuteLimit, dayLimit, monthLimit }),
    disabledAt,
    revokedAt,
    previousSecretEndsAt: secrets[0]?.endsAt ?? null,
  };
}

async function findToChange(tx: Transaction, actor: Actor, keyId: string): Promise<Outcome<KeyState>> {
  const row = await tx.apiKey.findFirst({
    where: { id: keyId, deletedAt: null },
    select: { ...reachColumns, workspaceId: true, disabledAt: true, revokedAt: true },
  });
  if (row === null || !canSee(actor, row.workspaceId)) return noSuchKey;
  const { workspaceId, disabledAt, revokedAt } = row;
  if (!can(actor, 'keys:write', workspaceId)) return refuse('forbidden');
  return done({ ...reachFrom(row), workspaceId, disabledAt, revokedAt });
}
