import { isIP } from 'node:net';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatRange, isRangeWithin, isWithin, parseAddress, parseRange } from './addresses.ts';

const canonical = (text: string) => {
  const range = parseRange(text);
  return range === undefined ? undefined : formatRange(range);
};
const inside = (address: string, range: string) => {
  const [one, all] = [parseAddress(address), parseRange(range)];
  return one !== undefined && all !== undefined && isWithin(one, [all]);
};

describe('an allowlist entry', () => {
  it.each([
    ['192.0.2.7', '192.0.2.7'],
    ['192.0.2.7/24', '192.0.2.0/24'],
    ['0.0.0.0/0', '0.0.0.0/0'],
    ['2001:DB8:0:0:0:0:0:1', '2001:db8::1'],
    ['2001:db8::/32', '2001:db8::/32'],
    ['::', '::'],
    ['1:0:0:2:0:0:0:3', '1:0:0:2::3'],
    ['::ffff:192.0.2.7', '192.0.2.7'],
    ['::ffff:192.0.2.0/120', '192.0.2.0/24'],
    ['64:ff9b::192.0.2.33', '64:ff9b::c000:221'],
  ])('%s is stored as %s', (text, stored) => {
    expect(canonical(text)).toBe(stored);
  });

  it.each([
    '',
    'localhost',
    '127.1',
    '010.0.0.1',
    '1.2.3.4.5',
    '1.2.3.256',
    '0x7f.0.0.1',
    '2130706433',
    '1.2.3.4/33',
    '1.2.3.4/',
    '1.2.3.4/08',
    '1.2.3.4/-1',
    '::1/129',
    ':::',
    '1::2::3',
    '12345::',
    '1:2:3:4:5:6:7',
    '1:2:3:4:5:6:7:8:9',
    'fe80::1%eth0',
    '::1.2.3',
    '1.2.3.4:80',
    '[::1]',
    ' 1.2.3.4',
    '::ffff:1.2.3.4/95',
  ])('%j is refused', (text) => {
    expect(parseRange(text)).toBeUndefined();
  });

  it('is an address exactly where Node says so', () => {
    const part = fc.oneof(
      fc.ipV4(),
      fc.ipV6(),
      fc.string({ unit: fc.constantFrom(...'0123456789abcdef:.'), maxLength: 20 }),
    );
    fc.assert(
      fc.property(part, (text) => (parseAddress(text) !== undefined) === isIP(text) > 0),
      { numRuns: 2_000 },
    );
  });
});

describe('matching', () => {
  it.each([
    ['192.0.2.255', '192.0.2.0/24', true],
    ['192.0.3.0', '192.0.2.0/24', false],
    ['::ffff:192.0.2.1', '192.0.2.0/24', true],
    ['2001:db8::1', '2001:db8::/32', true],
    ['2001:db9::1', '2001:db8::/32', false],
    ['192.0.2.1', '::/0', false],
    ['203.0.113.9', '0.0.0.0/0', true],
  ])('%s in %s is %s', (address, range, expected) => {
    expect(inside(address, range)).toBe(expected);
  });

  it.each([
    ['192.0.2.0/25', '192.0.2.0/24', true],
    ['192.0.2.0/24', '192.0.2.0/24', true],
    ['192.0.2.0/23', '192.0.2.0/24', false],
    ['192.0.3.0/25', '192.0.2.0/24', false],
    ['0.0.0.0/0', '::/0', false],
    ['2001:db8:1::/48', '2001:db8::/32', true],
  ])('all of %s in %s is %s', (range, bound, expected) => {
    const [inner, outer] = [parseRange(range), parseRange(bound)];
    expect(inner && outer && isRangeWithin(inner, [outer])).toBe(expected);
  });
});
