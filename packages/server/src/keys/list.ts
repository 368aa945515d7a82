/**
 * List: keys as they are shown to whoever manages them.
 *
 *   actor, filter, order, place in the list -> keys of one workspace, and the text that says where it goes on
 *
 * Promises: whoever walks the list meets every key that was there at the start once, also while keys are made, changed
 * and deleted; but a key whose place in the order changes meanwhile may be met twice or not at all. Foreign and unknown
 * ids are the same no. A secret is in nothing that is shown.
 */
import { kindOfId, type Limits } from '@gatekey/shared';
import type { Prisma } from '../../gen/prisma/client.ts';
import { type Actor, can, canSee, permitted } from '../accounts/actor.ts';
import type { Clock } from '../kernel/clock.ts';
import { type Database, having } from '../kernel/database.ts';
import { isStorable } from '../kernel/input.ts';
import { done, type Outcome, refuse } from '../kernel/problem.ts';
import { limitColumns, limitsFrom } from '../plans/limits.ts';
import { type KeyStatus, type PreviousSecret, previousSecretColumns, previousSecretOf, statusOf } from './key.ts';
import { type KeyOrder, type KeyPlace, keysInOrder, placeColumns, placeText } from './order.ts';

/** Which keys are meant; what is left out holds nothing back. */
export interface KeyFilter {
  /** In one of these; of an empty list, none. */
  readonly statuses?: readonly KeyStatus[] | undefined;
  /** With exactly this in the name or the hint, whatever the case; any when empty. */
  readonly search?: string | undefined;
}

export interface KeyQuery extends KeyFilter {
  readonly order: KeyOrder;
  readonly limit: number;
  /** Behind which key the list goes on: a place in that order. */
  readonly after?: KeyPlace | undefined;
}

/** A key as it is shown. */
export interface ShownKey {
  readonly id: string;
  readonly name: string;
  readonly hint: string;
  readonly status: KeyStatus;
  readonly scopes: readonly string[];
  readonly ipAllowlist: readonly string[];
  readonly limits: Limits;
  readonly metadata: unknown;
  /** Who made it; null when they are gone, or not for the actor to see. */
  readonly createdBy: { readonly kind: 'user' | 'key'; readonly id: string } | null;
  readonly createdAt: Date;
  readonly expiresAt: Date | null;
  readonly lastUsedAt: Date | null;
  readonly lastUsedIp: string | null;
  readonly lastUserAgent: string | null;
  readonly previousSecret: PreviousSecret | null;
}

export interface KeyPage {
  readonly keys: readonly ShownKey[];
  /** Where the list goes on, as `placeText`; undefined at its end. */
  readonly next: string | undefined;
}

export interface KeyList {
  /** A page of the actor's own or current workspace. */
  page(actor: Actor, query: KeyQuery): Promise<Outcome<KeyPage>>;
  /** One key, for whoever may read keys or change them. */
  one(actor: Actor, keyId: string): Promise<Outcome<ShownKey>>;
  /** Whether a key is of a workspace, or was until it was deleted. */
  isOf(workspaceId: string, keyId: string): Promise<boolean>;
}

/** The no to a key that is foreign, unknown, deleted, or no id at all. */
export const noSuchKey = refuse('not_found', 'No such key.');

/** The keys that a filter means, as a condition. @param now  epoch ms */
export function keysWhere({ statuses, search }: KeyFilter, now: number): Prisma.ApiKeyWhereInput {
  return {
    AND: [
      statuses === undefined ? {} : whereOneOf(statuses, new Date(now)),
      search === undefined || search === '' ? {} : { OR: [contains('name', search), contains('hint', search)] },
    ],
  };
}

/** Opens the list. */
export function createKeyList({ database, clock }: { database: Database; clock: Clock }): KeyList {
  return {
    async page(actor, { limit, order, after, ...filter }) {
      const allowed = permitted(actor, 'keys:read', undefined);
      if (!allowed.ok) return allowed;
      const workspaceId = allowed.value;
      const now = clock.now();
      const { where, orderBy } = keysInOrder(order, { after });
      const rows = await database.apiKey.findMany({
        where: { workspaceId, deletedAt: null, AND: [keysWhere(filter, now), where] },
        orderBy,
        select: columns,
        take: limit + 1,
      });
      const page = rows.slice(0, limit);
      const last = rows.length > limit ? page.at(-1) : undefined;
      return done({ keys: page.map((row) => shown(actor, row, now)), next: last && placeText(order, last) });
    },

    async one(actor, keyId) {
      if (kindOfId(keyId) !== 'key') return noSuchKey;
      const row = await database.apiKey.findUnique({ where: { id: keyId, deletedAt: null }, select: columns });
      if (row === null || !canSee(actor, row.workspaceId)) return noSuchKey;
      const isAllowed = can(actor, 'keys:read', row.workspaceId) || can(actor, 'keys:write', row.workspaceId);
      return isAllowed ? done(shown(actor, row, clock.now())) : noSuchKey;
    },

    async isOf(workspaceId, keyId) {
      if (kindOfId(keyId) !== 'key') return false;
      return (await database.apiKey.count({ where: { id: keyId, workspaceId } })) > 0;
    },
  };
}

const columns = {
  ...limitColumns,
  ...previousSecretColumns,
  ...placeColumns,
  workspaceId: true,
  name: true,
  hint: true,
  scopes: true,
  ipAllowlist: true,
  metadata: true,
  createdBy: { select: { id: true, members: { select: { workspaceId: true } } } },
  createdByKey: { select: { id: true, deletedAt: true } },
  disabledAt: true,
  revokedAt: true,
  lastUsedIp: true,
  lastUserAgent: true,
} as const satisfies Prisma.ApiKeySelect;
type Row = Prisma.ApiKeyGetPayload<{ select: typeof columns }>;

function shown(actor: Actor, row: Row, now: number): ShownKey {
  const { workspaceId, createdBy, createdByKey, nameOrder, minuteLimit, dayLimit, monthLimit, secrets, ...same } = row;
  return {
    ...same,
    status: statusOf(row, now),
    limits: limitsFrom({ minuteLimit, dayLimit, monthLimit }),
    createdBy: makerOf(actor, row),
    previousSecret: previousSecretOf(row, now),
  };
}

/** The maker, as far as the actor sees people and keys at all: a key without `keys:read` sees itself alone. */
function makerOf(actor: Actor, { workspaceId, createdBy, createdByKey }: Row): ShownKey['createdBy'] {
  const seesOthers = can(actor, 'keys:read', workspaceId);
  if (createdBy !== null) {
    const isMember = createdBy.members.some((member) => member.workspaceId === workspaceId);
    return seesOthers && isMember ? { kind: 'user', id: createdBy.id } : null;
  }
  if (createdByKey === null || createdByKey.deletedAt !== null) return null;
  const isItself = actor.kind === 'key' && actor.keyId === createdByKey.id;
  return seesOthers || isItself ? { kind: 'key', id: createdByKey.id } : null;
}

function contains(field: 'name' | 'hint', text: string): Prisma.ApiKeyWhereInput {
  // What the database cannot store is nowhere.
  if (!isStorable(text)) return { id: { in: [] } };
  return { [field]: having(text) };
}

function whereOneOf(statuses: readonly KeyStatus[], now: Date): Prisma.ApiKeyWhereInput {
  return statuses.length === 0 ? { id: { in: [] } } : { OR: statuses.map((status) => whereStatus(status, now)) };
}

/** The rows whose `statusOf` is this, as a condition. */
function whereStatus(status: KeyStatus, now: Date): Prisma.ApiKeyWhereInput {
  if (status === 'REVOKED') return { revokedAt: { not: null } };
  if (status === 'EXPIRED') return { revokedAt: null, expiresAt: { lte: now } };
  const unexpired = { OR: [{ expiresAt: null }, { expiresAt: { gt: now } }] };
  return { revokedAt: null, disabledAt: status === 'DISABLED' ? { not: null } : null, ...unexpired };
}
