import { describe, expect, it } from 'vitest';
import { filterFrom, isFiltered, keysPath, newKeyPath } from './key-filter.ts';
import { everyKey } from './key-sort.ts';

describe('the filter of the keys', () => {
  it('comes back out of the address it was put in', () => {
    const filter = { status: 'DISABLED', search: 'check out & pay', sort: '-last_used' } as const;
    expect(filterFrom(new URL(keysPath(filter), 'http://host').searchParams)).toEqual(filter);
  });

  it('stays while a new key is made', () => {
    expect(newKeyPath(everyKey)).toBe('/keys?new');
    expect(newKeyPath({ ...everyKey, sort: 'name' })).toBe('/keys?sort=name&new');
  });

  it('is nothing when the address is wrong or empty', () => {
    const filter = filterFrom(new URLSearchParams('status=asleep&search=%20&sort=colour'));
    expect(isFiltered(filter)).toBe(false);
    expect(filter).toEqual(everyKey);
    expect(keysPath(filter)).toBe('/keys');
  });
});
