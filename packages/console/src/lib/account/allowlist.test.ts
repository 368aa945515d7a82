import { describe, expect, it } from 'vitest';
import { isLockedOut, passes, readAllowlist } from './allowlist.ts';

describe('a list of addresses as it is typed', () => {
  it.each<[string, string[], [number, string][]]>([
    ['', [], []],
    ['203.0.113.7', ['203.0.113.7'], []],
    [' 10.1.2.3/8 \n\n2001:DB8::1\n', ['10.0.0.0/8', '2001:db8::1'], []],
    ['10.0.0.1\n::ffff:10.0.0.1', ['10.0.0.1'], []],
    [
      '10.0.0\n\nhere\n10.0.0.1',
      ['10.0.0.1'],
      [
        [1, '10.0.0'],
        [3, 'here'],
      ],
    ],
    ['1.2.3.4/33', [], [[1, '1.2.3.4/33']]],
  ])('%j', (text, entries, bad) => {
    expect(readAllowlist(text)).toEqual({ entries, bad: bad.map(([line, entry]) => ({ line, text: entry })) });
  });
});

describe('an address', () => {
  it.each<[string | null, string[], string[], boolean]>([
    ['203.0.113.7', [], ['10.0.0.0/8'], true],
    ['203.0.113.7', ['203.0.113.0/24'], ['203.0.113.8'], true],
    ['203.0.113.7', [], [], false],
    ['203.0.113.7', ['10.0.0.0/8'], [], false],
    ['203.0.113.7', [], ['203.0.113.0/24'], false],
    ['203.0.113.7', ['10.0.0.0/8'], ['10.0.0.0/9'], false],
    ['2001:db8::7', [], ['203.0.113.0/24'], true],
    [null, [], ['10.0.0.0/8'], false],
  ])('%s, from %j to %j, is locked out: %s', (address, now, next, out) => {
    expect(isLockedOut(address, now, next)).toBe(out);
  });

  it('passes an empty list', () => {
    expect(passes([], '203.0.113.7')).toBe(true);
  });
});
