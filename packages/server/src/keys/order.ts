/**
 * Order: how the keys of a list are arranged, and where in it a page goes on.
 *
 *   order, key -> place; order, place -> the keys behind it
 *
 * Every order ends with the id, so no two keys share a place. A place carries the value that its key had, so the list goes
 * on there although the key has changed since or is gone; it is of one order, and none in another. A key that was never
 * used is as if that were longest ago, one that never expires as if that were last. Names are arranged without regard to
 * case. Pure.
 */
import { kindOfId } from '@gatekey/shared';
import { z } from 'zod';
import type { Prisma } from '../../gen/prisma/client.ts';
import { isStorable } from '../kernel/input.ts';

/** What a list can be arranged by; with `-` from the greatest down, else from the least up. */
export const keyOrders = [
  'name',
  '-name',
  'created',
  '-created',
  'last_used',
  '-last_used',
  'expires',
  '-expires',
] as const;
export type KeyOrder = (typeof keyOrders)[number];

/** Newest first. */
export const usualOrder: KeyOrder = '-created';

const columns = {
  name: 'nameOrder',
  '-name': 'nameOrder',
  created: 'createdAt',
  '-created': 'createdAt',
  last_used: 'lastUsedAt',
  '-last_used': 'lastUsedAt',
  expires: 'expiresAt',
  '-expires': 'expiresAt',
} as const satisfies Record<KeyOrder, Prisma.ApiKeyScalarFieldEnum>;
type Column = (typeof columns)[KeyOrder];

/** What of a key says where it stands, in any order. */
export const placeColumns = {
  id: true,
  nameOrder: true,
  createdAt: true,
  lastUsedAt: true,
  expiresAt: true,
} as const satisfies Prisma.ApiKeySelect;
type PlacedKey = Prisma.ApiKeyGetPayload<{ select: typeof placeColumns }>;

/** Where a key stands in an order. */
export interface KeyPlace {
  readonly value: PlacedKey[Column];
  readonly id: string;
}

/** A part of a list, from a place to a place; backwards it is walked from its end. */
export interface KeyRange {
  readonly after?: KeyPlace | undefined;
  readonly before?: KeyPlace | undefined;
  readonly isBackwards?: boolean;
}

/** The keys of a part of the list, in its order, as the parts of a query. */
export function keysInOrder(order: KeyOrder, { after, before, isBackwards = false }: KeyRange) {
  const column = columns[order];
  const isDown = order.startsWith('-');
  return {
    where: { AND: [behind(column, isDown, after), behind(column, !isDown, before)] },
    orderBy: sorted(column, isDown !== isBackwards),
  } satisfies Prisma.ApiKeyFindManyArgs;
}

/** The place of a key as text, which says its order, too. */
export function placeText(order: KeyOrder, key: PlacedKey): string {
  return JSON.stringify([order, key[columns[order]], key.id]);
}

/** The place that a text tells of in an order; undefined for any other text. */
export function placeIn(order: KeyOrder, text: string): KeyPlace | undefined {
  const value = valueSchemas[columns[order]];
  const found = z.tuple([z.literal(order), value, Id]).safeParse(parsed(text));
  return found.success ? { value: found.data[1], id: found.data[2] } : undefined;
}

const Id = z.string().refine((text) => kindOfId(text) === 'key' && isStorable(text));
const Instant = z.iso
  .datetime()
  .transform((text) => new Date(text))
  .refine((at) => at.getUTCFullYear() >= 1);
const valueSchemas = {
  nameOrder: z.string().refine(isStorable),
  createdAt: Instant,
  lastUsedAt: Instant.nullable(),
  expiresAt: Instant.nullable(),
} satisfies Record<Column, z.ZodType<KeyPlace['value']>>;

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Whether keys without a value come after all that have one. */
function isNullLast(column: Column, isDown: boolean): boolean {
  return column === 'lastUsedAt' ? isDown : !isDown;
}

function sorted(column: Column, isDown: boolean): Prisma.ApiKeyOrderByWithRelationInput[] {
  const direction = isDown ? 'desc' : 'asc';
  const isNullable = column === 'lastUsedAt' || column === 'expiresAt';
  const nulls = isNullLast(column, isDown) ? 'last' : 'first';
  return [{ [column]: isNullable ? { sort: direction, nulls } : direction }, { id: direction }];
}

function behind(column: Column, isDown: boolean, place: KeyPlace | undefined): Prisma.ApiKeyWhereInput {
  if (place === undefined) return {};
  const { value, id } = place;
  const further = isDown ? 'lt' : 'gt';
  const besides: Prisma.ApiKeyWhereInput = { [column]: value, id: { [further]: id } };
  const isNullable = column === 'lastUsedAt' || column === 'expiresAt';
  const hasNullsBehind = isNullable && isNullLast(column, isDown);
  if (value === null) return hasNullsBehind ? besides : { OR: [besides, { [column]: { not: null } }] };
  return { OR: [{ [column]: { [further]: value } }, besides, ...(hasNullsBehind ? [{ [column]: null }] : [])] };
}
