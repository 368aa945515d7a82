import { describe, expect, it } from 'vitest';
import { type Entry, type EntryGroup, entryAfter, inGroups, matchingEntries } from './entries.ts';

const entry = (id: string, label: string, group: EntryGroup = 'pages'): Entry => ({ id, label, group, run: () => {} });
const entries = [
  entry('o', 'Overview'),
  entry('k', 'API keys'),
  entry('d', 'API docs'),
  entry('c', 'Create key', 'actions'),
];
const ids = (found: readonly Entry[]) => found.map(({ id }) => id).join('');

describe('what a text means', () => {
  it.each([
    ['', 'okdc'],
    ['  ', 'okdc'],
    ['API', 'kd'],
    ['key', 'kc'],
    ['key cre', 'c'],
    ['view', 'o'],
    ['e', 'okc'],
    ['x', ''],
  ])('%j is %j', (text, expected) => {
    expect(ids(matchingEntries(entries, text))).toBe(expected);
  });

  it('is first where a word begins with it', () => {
    expect(ids(matchingEntries([entry('a', 'Replay'), entry('b', 'The plan')], 'pla'))).toBe('ba');
  });
});

describe('groups', () => {
  it('come in their order, without empty ones', () => {
    const mixed = [entry('1', 'a', 'keys'), entry('2', 'b', 'pages'), entry('3', 'c', 'keys')];
    expect(inGroups(mixed).map(({ group, entries }) => [group, ids(entries)])).toEqual([
      ['pages', '2'],
      ['keys', '13'],
    ]);
  });
});

describe('a key press', () => {
  it.each([
    ['ArrowDown', 'o', 'k'],
    ['ArrowDown', 'c', 'o'],
    ['ArrowUp', 'o', 'c'],
    ['ArrowUp', 'd', 'k'],
    ['ArrowDown', undefined, 'o'],
    ['ArrowUp', 'gone', 'c'],
    ['Home', 'd', undefined],
    ['a', 'd', undefined],
  ])('%s at %s leads to %s', (key, now, next) => {
    expect(entryAfter(entries, now, key)?.id).toBe(next);
  });

  it('leads nowhere where there is nothing', () => {
    expect(entryAfter([], undefined, 'ArrowDown')).toBeUndefined();
  });
});
