/**
 * Key filter: which keys are looked at, and in which order. It lives in the address, so that a view can be shared and gone
 * back to; a secret that is searched for is its hint there.
 */
import { everyKey, type KeyFilter, sorts } from './key-sort.ts';
import type { Key } from './keys.documents.ts';
import { hintIn } from './secret-in-text.ts';

export const statuses: readonly Key['status'][] = ['ACTIVE', 'DISABLED', 'EXPIRED', 'REVOKED'];

/** What the address asks for; what it gets wrong is no filter, and the usual order. */
export function filterFrom(params: URLSearchParams): KeyFilter {
  const asked = params.get('status')?.toUpperCase();
  return {
    status: statuses.find((status) => status === asked) ?? null,
    search: searchable(params.get('search') ?? ''),
    sort: sorts.find((sort) => sort === params.get('sort')) ?? everyKey.sort,
  };
}

/** What is searched for by what was typed. */
export function searchable(typed: string): string {
  return hintIn(typed) ?? typed.trim();
}

/** The address of the keys with a filter. */
export function keysPath({ status, search, sort }: KeyFilter): string {
  const params = new URLSearchParams();
  if (status !== null) params.set('status', status.toLowerCase());
  if (search !== '') params.set('search', searchable(search));
  if (sort !== everyKey.sort) params.set('sort', sort);
  return params.size === 0 ? '/keys' : `/keys?${params}`;
}

/** The same with the dialog that makes a new key. */
export function newKeyPath(filter: KeyFilter): string {
  const path = keysPath(filter);
  return `${path}${path.includes('?') ? '&' : '?'}new`;
}

/** Whether keys are held back. */
export function isFiltered({ status, search }: KeyFilter): boolean {
  return status !== null || search !== '';
}
