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
