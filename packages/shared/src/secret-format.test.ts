import { crc32 as zlibCrc32 } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { base62, composeSecret, crc32, hintOf, isSecret } from './secret-format.ts';

const randomPart = fc.string({ unit: fc.constantFrom(...base62), minLength: 30, maxLength: 30 });

describe('a secret', () => {
  it('is the prefix, 30 random characters and 6 of checksum', () => {
    fc.assert(
      fc.property(randomPart, (random) => {
        const secret = composeSecret('gk', random);
        expect(secret).toMatch(/^gk_[0-9A-Za-z]{36}$/);
        expect(secret.slice(3, 33)).toBe(random);
        expect(isSecret('gk', secret)).toBe(true);
        expect(isSecret('gk', `Bearer ${secret}`, 7)).toBe(true);
        expect(isSecret('gk', `Bearer ${secret}`, 6)).toBe(false);
      }),
    );
  });

  it('carries the CRC-32 of zlib over everything before it', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...base62, '_') }), (text) => crc32(text) === zlibCrc32(text)),
    );
    expect(composeSecret('gk', '0'.repeat(30))).toBe(
      `gk_${'0'.repeat(30)}${inBase62(zlibCrc32(`gk_${'0'.repeat(30)}`))}`,
    );
  });

  it('is told from every text that differs in one character', () => {
    fc.assert(
      fc.property(randomPart, fc.nat(38), fc.constantFrom(...base62), (random, position, character) => {
        const secret = composeSecret('gk', random);
        const typo = secret.slice(0, position) + character + secret.slice(position + 1);
        expect(isSecret('gk', typo)).toBe(typo === secret);
      }),
    );
  });

  it.each([
    '',
    'gk_',
    'gk',
    'sk_'.padEnd(39, '0'),
    'gk_'.padEnd(39, 'é'),
    `gk_${'0'.repeat(37)}`,
    `gk-${'0'.repeat(36)}`,
  ])('is not %j', (text) => {
    expect(isSecret('gk', text)).toBe(false);
  });

  it('is shown as its first and last four characters', () => {
    expect(hintOf('gk', `gk_7Qm3${'a'.repeat(28)}x0Ol`)).toBe('gk_7Qm3…x0Ol');
  });
});

function inBase62(value: number): string {
  let text = '';
  for (let rest = value, i = 0; i < 6; i++, rest = Math.floor(rest / 62)) text = base62.charAt(rest % 62) + text;
  return text;
}
