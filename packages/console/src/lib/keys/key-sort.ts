/**
 * Key sort: what the keys are arranged by, as the address says it and as the server is asked.
 *
 * A column is arranged first as it is most often wanted, the soonest expiry and the newest key on top, then the other way
 * round. Pure.
 */
import type { Key, WantedKeys } from './keys.documents.ts';

const orders = {
  '-created': 'CREATED_DESC',
  created: 'CREATED_ASC',
  name: 'NAME_ASC',
  '-name': 'NAME_DESC',
  '-last_used': 'LAST_USED_DESC',
  last_used: 'LAST_USED_ASC',
  expires: 'EXPIRES_ASC',
  '-expires': 'EXPIRES_DESC',
} as const;
export type KeySort = keyof typeof orders;

/** In the order of their choice; of each column first the one it starts with. */
export const sorts: readonly KeySort[] = [
  '-created',
  'created',
  'name',
  '-name',
  '-last_used',
  'last_used',
  'expires',
  '-expires',
];

/** Which keys are looked at, and in which order. */
export interface KeyFilter {
  readonly status: Key['status'] | null;
  readonly search: string;
  readonly sort: KeySort;
}

/** All of them, newest first. */
export const everyKey: KeyFilter = { status: null, search: '', sort: '-created' };

/** The filter as the server takes it. */
export function filterInput({ status, search, sort }: KeyFilter): WantedKeys {
  return { status: status === null ? null : [status], search: search === '' ? null : search, orderBy: orders[sort] };
}

export type KeyColumn = 'created' | 'name' | 'last_used' | 'expires';

/** How a column is arranged: `undefined` when the order is by another. */
export function directionOf(column: KeyColumn, sort: KeySort): 'ascending' | 'descending' | undefined {
  if (sort === column) return 'ascending';
  return sort === `-${column}` ? 'descending' : undefined;
}

/** The order that choosing a column leads to. */
export function nextSort(column: KeyColumn, sort: KeySort): KeySort {
  const [first = everyKey.sort, second = first] = sorts.filter((one) => directionOf(column, one) !== undefined);
  return sort === first ? second : first;
}
