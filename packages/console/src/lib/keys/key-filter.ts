/**
 * Key filter: which keys are looked at. It lives in the address, so that a view can be shared and gone back to; a secret
 * that is searched for is its hint there.
 */
import type { Key } from './keys.documents.ts';
import { hintIn } from './secret-in-text.ts';

export interface KeyFilter {
  readonly status: Key['status'] | null;
  readonly search: string;
}

export const statuses: readonly Key['status'][] = ['ACTIVE', 'DISABLED', 'EXPIRED', 'REVOKED'];

/** What the address asks for; what it gets wrong is no filter. */
export function filterFrom(params: URLSearchParams): KeyFilter {
  const asked = params.get('status')?.toUpperCase();
  const search = searchable(params.get('search') ?? '');
  return { status: statuses.find((status) => status === asked) ?? null, search };
}

/** What is searched for by what was typed. */
export function searchable(typed: string): string {
  return hintIn(typed) ?? typed.trim();
}

/** The address of the keys with a filter. */
export function keysPath({ status, search }: KeyFilter): string {
  const params = new URLSearchParams();
  if (status !== null) params.set('status', status.toLowerCase());
  if (search !== '') params.set('search', searchable(search));
  return params.size === 0 ? '/keys' : `/keys?${params}`;
}

export function isFiltered({ status, search }: KeyFilter): boolean {
  return status !== null || search !== '';
}
