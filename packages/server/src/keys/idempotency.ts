/**
 * Idempotency: a create that is said again with the same idempotency key makes no second key.
 *
 *   lock the workspace -> was it said within 24 h? -> the key it made, or a conflict -> else make one, and remember it
 *
 * Promises: of two that are said at once one makes the key and the other is told of it; what a create was given is
 * compared in canonical form, so both doors and any order of members count as the same. The secret is not kept, and so
 * not told again. A create that was refused is not remembered.
 * Idempotency keys are apart by workspace and actor: nobody meets another's.
 */
import { hash } from 'node:crypto';
import type { Actor } from '../accounts/actor.ts';
import { byOf } from '../accounts/actor.ts';
import type { Transaction } from '../kernel/database.ts';
import { done, type Outcome, refuse } from '../kernel/problem.ts';
import type { ChangedKey } from './command.ts';
import type { NewKey } from './key-input.ts';

const rememberedMs = 24 * 60 * 60 * 1_000;
/** Expired ones that a create takes away: more than it leaves, so that they cannot pile up. */
const mostRemoved = 100;

/** A create as it was said. */
export interface Said {
  readonly workspaceId: string;
  readonly actor: Actor;
  readonly idempotencyKey: string;
  readonly input: NewKey;
  /** Epoch ms. */
  readonly at: number;
}

const otherInput = refuse('conflict', 'This idempotency key came with another input within the last 24 hours.');
const gone = refuse('conflict', 'The key that was made with this idempotency key is deleted since.');

/** What an earlier create with the same idempotency key made; undefined when there was none. Needs the workspace's lock. */
export async function replayOf(tx: Transaction, said: Said): Promise<Outcome<ChangedKey> | undefined> {
  const row = await tx.keyCreation.findUnique({
    where: {
      workspaceId_actorKind_actorId_idempotencyKey: idOf(said),
      createdAt: { gt: new Date(said.at - rememberedMs) },
    },
    select: { inputHash: true, keyId: true, key: { select: { deletedAt: true } } },
  });
  if (row === null) return undefined;
  if (!hashOfInput(said).equals(row.inputHash)) return otherInput;
  return row.key.deletedAt === null ? done({ keyId: row.keyId }) : gone;
}

/** Remembers what a create made, and forgets some of what is expired. */
export async function remember(tx: Transaction, said: Said, keyId: string): Promise<void> {
  const id = idOf(said);
  const made = { inputHash: hashOfInput(said), keyId, createdAt: new Date(said.at) };
  await tx.keyCreation.upsert({
    where: { workspaceId_actorKind_actorId_idempotencyKey: id },
    create: { ...id, ...made },
    update: made,
  });
  // Those of other workspaces too; rows that another create is removing are left to it.
  await tx.$executeRaw`
    delete from key_creation where ctid = any (array(
      select ctid from key_creation where created_at <= ${new Date(said.at - rememberedMs)}
      order by created_at limit ${mostRemoved} for update skip locked))`;
}

function idOf({ workspaceId, actor, idempotencyKey }: Said) {
  const { kind, id } = byOf(actor);
  return { workspaceId, actorKind: kind, actorId: id ?? '', idempotencyKey };
}

function hashOfInput({ input: { idempotencyKey, ...given } }: Said): Buffer<ArrayBuffer> {
  return Buffer.from(hash('sha256', canonical(given), 'hex'), 'hex');
}

/** JSON with the members of every object in one order. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_name, part: unknown) =>
    part === null || typeof part !== 'object' || Array.isArray(part)
      ? part
      : Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1))),
  );
}
