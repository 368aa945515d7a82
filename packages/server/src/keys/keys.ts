/**
 * Keys: the commands on API keys.
 *
 *   door -> command(actor, ...) -> row, committed -> DomainEvent -> whoever listens
 *
 * Promises: a secret leaves only in the answer of the command that made it; what the actor may not see is not found;
 * revoking is final. Commands may run at the same time: each is one statement or one transaction.
 * Does not look at limits or requests: that is the guard's.
 */
import { hintOf } from '@gatekey/shared';
import type { Prisma } from '../../gen/prisma/client.ts';
import { type Actor, can, canSee, meantWorkspace } from '../accounts/actor.ts';
import type { KeyChanged } from '../events/domain-event.ts';
import { done, type Outcome, refuse, refuseInput } from '../kernel/problem.ts';
import { columnsFrom } from '../plans/limits.ts';
import {
  type ChangedKey,
  findToChange,
  type IssuedKey,
  type KeyState,
  type KeysNeeds,
  mayGive,
  revoked,
  scopesTooWide,
} from './command.ts';
import { readKeyChanges, readNewKey } from './key-input.ts';
import { endOverlap, type Rotation, rotate } from './rotation.ts';
import { bytesOf, hashOf, newSecret } from './secret.ts';

const mostKeysPerWorkspace = 1_000;

export interface Keys {
  /**
   * @param workspaceId  the actor's own when left out
   * @param input        checked here: the shape of `NewKey`, where all but `name` may be left out
   */
  create(actor: Actor, workspaceId: string | null | undefined, input: unknown): Promise<Outcome<IssuedKey>>;
  /** @param input  checked here: the shape of `KeyChanges` */
  update(actor: Actor, keyId: string, input: unknown): Promise<Outcome<ChangedKey>>;
  /** Lets a disabled key pass again. A key that is not disabled stays as it is. */
  enable(actor: Actor, keyId: string): Promise<Outcome<ChangedKey>>;
  /** Stops a key until it is enabled. A disabled key stays as it is. */
  disable(actor: Actor, keyId: string): Promise<Outcome<ChangedKey>>;
  /** Stops a key for ever. A revoked key stays as it is. */
  revoke(actor: Actor, keyId: string): Promise<Outcome<ChangedKey>>;
  /** Gives a key a new secret; the old one goes on until the grace ends, any older one ends now. */
  rotate(actor: Actor, rotation: Rotation): Promise<Outcome<IssuedKey>>;
  /** Ends the old secret of a rotation now. A key without one stays as it is. */
  endOverlap(actor: Actor, keyId: string): Promise<Outcome<ChangedKey>>;
  /** Takes a key out of every list; it no longer passes. Its usage stays in the workspace's totals. */
  delete(actor: Actor, keyId: string): Promise<Outcome<ChangedKey>>;
}

/** Opens the room. */
export function createKeys(needs: KeysNeeds): Keys {
  const { database, clock } = needs;
  const change = createChange(needs);
  const now = () => new Date(clock.now());

  return {
    create: (actor, workspaceId, input) => create(needs, actor, workspaceId, input),

    async update(actor, keyId, input) {
      const read = readKeyChanges(input, clock.now());
      if (!read.ok) return refuseInput(read.errors);
      const { limits, name, scopes, expiresAt, ipAllowlist, metadata } = read.value;
      if (scopes !== undefined && !mayGive(actor, scopes)) return scopesTooWide;
      return change(actor, keyId, 'key.updated', () => ({
        ...(limits === undefined ? {} : columnsFrom(limits)),
        ...(name === undefined ? {} : { name }),
        ...(scopes === undefined ? {} : { scopes }),
        ...(expiresAt === undefined ? {} : { expiresAt }),
        ...(ipAllowlist === undefined ? {} : { ipAllowlist }),
        ...(metadata === undefined ? {} : { metadata }),
      }));
    },
    enable: (actor, keyId) =>
      change(actor, keyId, 'key.enabled', (key) => (key.disabledAt === null ? unchanged : { disabledAt: null })),
    disable: (actor, keyId) =>
      change(actor, keyId, 'key.disabled', (key) => (key.disabledAt === null ? { disabledAt: now() } : unchanged)),
    revoke: (actor, keyId) =>
      change(actor, keyId, 'key.revoked', (key) => (key.revokedAt === null ? { revokedAt: now() } : unchanged)),
    rotate: (actor, rotation) => rotate(needs, actor, rotation),
    endOverlap: (actor, keyId) => endOverlap(needs, actor, keyId),
    async delete(actor, keyId) {
      const outcome = await change(actor, keyId, 'key.deleted', () => ({ deletedAt: now() }));
      // Nothing can be made of a hash, but what no longer opens anything need not be kept.
      if (outcome.ok) await database.keySecret.deleteMany({ where: { keyId } });
      return outcome;
    },
  };
}

async function create(
  { database, events, clock, newId, keyPrefix }: KeysNeeds,
  actor: Actor,
  named: string | null | undefined,
  input: unknown,
): Promise<Outcome<IssuedKey>> {
  const workspaceId = meantWorkspace(actor, named);
  if (workspaceId === undefined || !canSee(actor, workspaceId)) return refuse('not_found', 'No such workspace.');
  if (!can(actor, 'keys:write', workspaceId)) return refuse('forbidden');
  const read = readNewKey(input, clock.now());
  if (!read.ok) return refuseInput(read.errors);
  if (!mayGive(actor, read.value.scopes)) return scopesTooWide;

  const { limits, ...values } = read.value;
  const keyId = newId('key');
  const secret = newSecret(keyPrefix);
  const hasRoom = await database.$transaction(async (tx) => {
    // The row lock lets creates of one workspace go one by one, so that the count below is true.
    await tx.$queryRaw`select 1 from workspace where id = ${workspaceId} for update`;
    if ((await tx.apiKey.count({ where: { workspaceId, deletedAt: null } })) >= mostKeysPerWorkspace) return false;
    await tx.apiKey.create({
      data: {
        ...values,
        ...columnsFrom(limits),
        id: keyId,
        workspaceId,
        hint: hintOf(keyPrefix, secret),
        createdById: actor.kind === 'user' ? actor.userId : null,
        createdByKeyId: actor.kind === 'key' ? actor.keyId : null,
        createdAt: new Date(clock.now()),
        secrets: { create: { hash: bytesOf(hashOf(secret)) } },
      },
    });
    return true;
  });
  if (!hasRoom) return refuse('limit_reached', `A workspace has at most ${mostKeysPerWorkspace} keys.`);
  events.announce({ type: 'key.created', workspaceId, keyId });
  return done({ keyId, secret });
}

/** The key already is as the command wants it. */
const unchanged = 'unchanged';
type Decide = (key: KeyState) => Prisma.ApiKeyUpdateManyMutationInput | typeof unchanged;

/** One change of one row: found and allowed, written where its state lets it, told. */
function createChange({ database, events }: KeysNeeds) {
  return async (
    actor: Actor,
    keyId: string,
    type: KeyChanged['type'],
    decide: Decide,
  ): Promise<Outcome<ChangedKey>> => {
    const found = await findToChange(database, actor, keyId);
    if (!found.ok) return found;
    const key = found.value;
    const mayBeRevoked = type === 'key.revoked' || type === 'key.deleted';
    if (key.revokedAt !== null && !mayBeRevoked) return revoked;
    const data = decide(key);
    if (data === unchanged) return done({ keyId });
    // Said again in the statement, for the row may have changed since it was read.
    const allowedIn = mayBeRevoked ? {} : { revokedAt: null };
    const { count } = await database.apiKey.updateMany({ where: { ...allowedIn, id: keyId, deletedAt: null }, data });
    if (count === 0) return revoked;
    events.announce({ type, workspaceId: key.workspaceId, keyId });
    return done({ keyId });
  };
}
