/** Delivery rows: a list of deliveries, newest first, as changes of single ones move it. Pure. */
import type { DeliveryFilter } from './endpoint-address.ts';
import type { Delivery } from './webhooks.documents.ts';

/** The part of the list that is shown. */
export interface Shown {
  readonly rows: readonly Delivery[];
  readonly filter: DeliveryFilter;
  /** There are older ones that are not shown. */
  readonly hasMore: boolean;
}

/** The rows once a delivery has changed. Ids grow with time, so they are the order. */
export function foldDelivery({ rows, filter, hasMore }: Shown, changed: Delivery): readonly Delivery[] {
  const others = rows.filter(({ id }) => id !== changed.id);
  const matches =
    (filter.state === null || filter.state === changed.state) && (filter.type === null || filter.type === changed.type);
  // One that is older than all that is shown belongs to a page that was not asked for.
  const oldest = rows.at(-1);
  const isBeyond = hasMore && oldest !== undefined && changed.id < oldest.id;
  if (!matches || isBeyond) return others;
  return [...others, changed].sort((one, other) => (one.id < other.id ? 1 : -1));
}

/**
 * Whether one tells of the same delivery as it was before the other: of fewer attempts, or of the newest before it was
 * answered. What an answer tells may have been overtaken by a change.
 */
export function isOlder(one: Pick<Delivery, 'attempts'>, other: Pick<Delivery, 'attempts'>): boolean {
  const [mine, theirs] = [one.attempts[0], other.attempts[0]];
  if (theirs === undefined) return false;
  if (mine === undefined) return true;
  if (mine.id !== theirs.id) return mine.id < theirs.id;
  return mine.finishedAt === null && theirs.finishedAt !== null;
}
