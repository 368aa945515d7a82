/**
 * Keys: the commands on API keys.
 *
 *   door -> command(actor, ...) -> [ row, entry of the outbox ] committed -> DomainEvent -> whoever listens
 *
 * Promises: a secret leaves only in the answer of the command that made it; what the actor may not see is not found;
 * revoking is final; a program gets no further by its own hand than it is (`reach.ts`). Commands may run at the same time:
 * each is one transaction, and those on one key go one by one.
 * Does not look at limits or requests: that is the guard's.
 */
import { hintOf } from '@gatekey/shared';
import type { Prisma } from '../../gen/prisma/client.ts';
import { type Actor, byOf, permitted } from '../accounts/actor.ts';
import type { KeyChanged } from '../events/domain-event.ts';
import { done, type Outcome, refuse, refuseInput } from '../kernel/problem.ts';
import { columnsFrom } from '../plans/limits.ts';
import {
  type ChangedKey,
  type CreatedKey,
  changeKey,
  factsOf,
  type IssuedKey,
  type KeyState,
  type KeysNeeds,
} from './command.ts';
import { remember, replayOf } from './idempotency.ts';
import { readKeyChanges, readNewKey, refusedExpiry } from './key-input.ts';
import { refusedGift } from './reach.ts';
import { endOverlap, type Rotation, rotate } from './rotation.ts';
import { bytesOf, hashOf, newSecret } from './secret.ts';

const mostKeysPerWorkspace = 1_000;
const noRoom = refuse('limit_reached', `A workspace has at most ${mostKeysPerWorkspace} keys.`);

export interface Keys {
  /**
   * @param workspaceId  the actor's own when left out
   * @param input        checked here: the shape of `NewKey`, where all but `name` may be left out; with an
   *                     `idempotencyKey` that it was given before, the same key again, without its secret
   */
  create(actor: Actor, workspaceId: string | null | undefined, input: unknown): Promise<Outcome<CreatedKey>>;
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
  const { clock } = needs;
  const set = createSet(needs);
  const now = () => new Date(clock.now());

  return {
    create: (actor, workspaceId, input) => create(needs, actor, workspaceId, input),
    update: (actor, keyId, input) => update(needs, actor, keyId, input),
    enable: (actor, keyId) =>
      set(actor, keyId, 'key.enabled', (key) => (key.disabledAt === null ? unchanged : { disabledAt: null })),
    disable: (actor, keyId) =>
      set(actor, keyId, 'key.disabled', (key) => (key.disabledAt === null ? { disabledAt: now() } : unchanged)),
    revoke: (actor, keyId) =>
      set(actor, keyId, 'key.revoked', (key) => (key.revokedAt === null ? { revokedAt: now() } : unchanged)),
    rotate: (actor, rotation) => rotate(needs, actor, rotation),
    endOverlap: (actor, keyId) => endOverlap(needs, actor, keyId),
    // Nothing can be made of a hash, but what no longer opens anything need not be kept.
    delete: (actor, keyId) =>
      set(actor, keyId, 'key.deleted', () => ({ deletedAt: now(), secrets: { deleteMany: {} } })),
  };
}

async function create(
  { outbox, clock, newId, keyPrefix }: KeysNeeds,
  actor: Actor,
  named: string | null | undefined,
  input: unknown,
): Promise<Outcome<CreatedKey>> {
  const allowed = permitted(actor, 'keys:write', named);
  if (!allowed.ok) return allowed;
  const workspaceId = allowed.value;
  const read = readNewKey(input);
  if (!read.ok) return refuseInput(read.errors);

  const { limits, idempotencyKey, ...values } = read.value;
  const at = clock.now();
  const said = idempotencyKey ? { workspaceId, actor, idempotencyKey, input: read.value, at } : undefined;
  const keyId = newId('key');
  const secret = newSecret(keyPrefix);
  return outbox.commit(async (tx, append) => {
    // The row lock lets creates of one workspace go one by one, so that a replay finds what it replays, and the count
    // below is true.
    await tx.$queryRaw`select 1 from workspace where id = ${workspaceId} for update`;
    const replay = said && (await replayOf(tx, said));
    if (replay !== undefined) return replay.ok ? done({ ...replay.value, secret: null }) : replay;
    const refusal =
      refusedExpiry(values.expiresAt, at) ?? (await refusedGift(tx, actor, { workspaceId, after: read.value }));
    if (refusal !== undefined) return refusal;
    if ((await tx.apiKey.count({ where: { workspaceId, deletedAt: null } })) >= mostKeysPerWorkspace) return noRoom;
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
    if (said !== undefined) await remember(tx, said, keyId);
    const after = await factsOf(tx, keyId);
    await append({ event: { type: 'key.created', workspaceId, keyId }, by: byOf(actor), after });
    return done({ keyId, secret });
  });
}

async function update(needs: KeysNeeds, actor: Actor, keyId: string, input: unknown): Promise<Outcome<ChangedKey>> {
  const read = readKeyChanges(input);
  if (!read.ok) return refuseInput(read.errors);
  const inPast = refusedExpiry(read.value.expiresAt, needs.clock.now());
  if (inPast !== undefined) return inPast;
  return changeKey(needs, { actor, keyId }, async (tx, key) => {
    const { name, metadata, ...changes } = read.value;
    const { scopes = key.scopes, expiresAt = key.expiresAt, ipAllowlist = key.ipAllowlist } = changes;
    const limits = { ...key.limits, ...changes.limits };
    const after = { scopes, expiresAt, ipAllowlist, limits };
    const refused = await refusedGift(tx, actor, { workspaceId: key.workspaceId, keyId, before: key, after });
    if (refused !== undefined) return refused;
    const data = {
      scopes,
      expiresAt,
      ipAllowlist,
      ...columnsFrom(limits),
      ...(name === undefined ? {} : { name }),
      ...(metadata === undefined ? {} : { metadata }),
    };
    await tx.apiKey.update({ where: { id: keyId }, data });
    return done({ value: { keyId }, told: 'key.updated' });
  });
}

/** The key already is as the command wants it. */
const unchanged = 'unchanged';
type Decide = (key: KeyState) => Prisma.ApiKeyUpdateInput | typeof unchanged;

/** The commands that give nobody anything. */
function createSet(needs: KeysNeeds) {
  return (actor: Actor, keyId: string, type: KeyChanged['type'], decide: Decide): Promise<Outcome<ChangedKey>> => {
    const alsoRevoked = type === 'key.revoked' || type === 'key.deleted';
    return changeKey(needs, { actor, keyId, alsoRevoked }, async (tx, key) => {
      const data = decide(key);
      if (data === unchanged) return done({ value: { keyId }, told: undefined });
      await tx.apiKey.update({ where: { id: keyId }, data });
      return done({ value: { keyId }, told: type });
    });
  };
}
