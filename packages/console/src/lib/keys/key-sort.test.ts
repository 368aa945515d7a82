import { describe, expect, it } from 'vitest';
import { directionOf, everyKey, filterInput, type KeyColumn, type KeySort, nextSort, sorts } from './key-sort.ts';

describe('a column of the keys', () => {
  it.each<[column: KeyColumn, now: KeySort, next: KeySort]>([
    ['name', '-created', 'name'],
    ['name', 'name', '-name'],
    ['name', '-name', 'name'],
    ['created', 'name', '-created'],
    ['created', '-created', 'created'],
    ['last_used', '-created', '-last_used'],
    ['last_used', '-last_used', 'last_used'],
    ['expires', '-created', 'expires'],
    ['expires', 'expires', '-expires'],
  ])('%s, chosen in the order %s, leads to %s', (column, now, next) => {
    expect(nextSort(column, now)).toBe(next);
  });

  it('says how it is arranged, and nothing when the order is by another', () => {
    expect(directionOf('name', 'name')).toBe('ascending');
    expect(directionOf('name', '-name')).toBe('descending');
    expect(directionOf('name', '-created')).toBeUndefined();
  });
});

describe('the orders of the keys', () => {
  it('are each asked of the server by a name of its own', () => {
    expect(filterInput(everyKey)).toEqual({ status: null, search: null, orderBy: 'CREATED_DESC' });
    expect(new Set(sorts.map((sort) => filterInput({ ...everyKey, sort }).orderBy)).size).toBe(8);
  });
});
