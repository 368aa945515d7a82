/**
 * Rotation: a key gets a new secret, and its old one goes on until the grace ends.
 *
 *   lock the key -> the oldest secret goes -> the current one gets an end -> the new one is current
 *
 * Promises: a key has one current secret and at most one previous, however many rotate it at the same time; limits and
 * counters are the key's and stay; a secret that is on its way out never outlives its key.
 * Does not remind anyone of the end: the answers to the previous secret do.
 */
import { hintOf } from '@gatekey/shared';
import type { Actor } from '../accounts/actor.ts';
import { done, type Outcome, refuse, refuseInput } from '../kernel/problem.ts';
import { type ChangedKey, changeKey, type IssuedKey, type KeysNeeds } from './command.ts';
import { secretEnd, statusOf } from './key.ts';
import { readRotation } from './key-input.ts';
import { refusedGift } from './reach.ts';
import { bytesOf, hashOf, newSecret } from './secret.ts';

export interface Rotation {
  /** The key. */
  readonly id: string;
  /** For how long the old secret goes on: 0 to 30 days, 24 hours when left out. */
  readonly graceSeconds?: number | null | undefined;
}

const expired = refuse('conflict', 'The key has expired. Set a later expiry first.');
const previous = { endsAt: { not: null } };

/** Gives a key that is active or disabled a new secret. */
export async function rotate(
  needs: KeysNeeds,
  actor: Actor,
  { id: keyId, graceSeconds }: Rotation,
): Promise<Outcome<IssuedKey>> {
  const read = readRotation({ graceSeconds });
  if (!read.ok) return refuseInput(read.errors);
  const graceMs = read.value.graceSeconds * 1_000;
  const secret = newSecret(needs.keyPrefix);
  return changeKey(needs, { actor, keyId }, async (tx, key) => {
    // Whoever is told the secret can do all that the key can.
    const refused = await refusedGift(tx, actor, { workspaceId: key.workspaceId, keyId, after: key });
    if (refused !== undefined) return refused;
    const now = needs.clock.now();
    if (statusOf(key, now) === 'EXPIRED') return expired;
    // Without grace the current one goes as well.
    await tx.keySecret.deleteMany({ where: graceMs === 0 ? { keyId } : { keyId, ...previous } });
    const endsAt = secretEnd(new Date(now + graceMs), key.expiresAt);
    await tx.keySecret.updateMany({ where: { keyId, endsAt: null }, data: { endsAt } });
    await tx.keySecret.create({ data: { keyId, hash: bytesOf(hashOf(secret)), createdAt: new Date(now) } });
    await tx.apiKey.update({ where: { id: keyId }, data: { hint: hintOf(needs.keyPrefix, secret) } });
    return done({ value: { keyId, secret }, told: 'key.rotated' });
  });
}

/** Ends the previous secret now. A key that has none stays as it is. */
export function endOverlap(needs: KeysNeeds, actor: Actor, keyId: string): Promise<Outcome<ChangedKey>> {
  return changeKey(needs, { actor, keyId }, async (tx) => {
    const { count } = await tx.keySecret.deleteMany({ where: { keyId, ...previous } });
    return done({ value: { keyId }, told: count === 0 ? undefined : 'key.updated' });
  });
}
