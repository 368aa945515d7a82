import { describe, expect, it } from 'vitest';
import { filterFrom, keysPath } from './key-filter.ts';
import { everyKey } from './key-sort.ts';
import { hintIn, withoutSecrets } from './secret-in-text.ts';

const secret = `gk_7Qm3${'x9Rt'.repeat(7)}2C3d`;

describe('a secret in a text', () => {
  it.each([
    [secret, 'gk_7Qm3…2C3d'],
    [`Authorization: Bearer ${secret}`, 'gk_7Qm3…2C3d'],
    [`"${secret}"`, 'gk_7Qm3…2C3d'],
    [`%2B${secret}`, 'gk_7Qm3…2C3d'],
    [secret.replace('gk', 'acme'), 'acme_7Qm3…2C3d'],
    [secret.slice(0, 38), 'gk_7Qm3'],
    [`${secret}x`, 'gk_7Qm3'],
    ['gk_7Qm3k', 'gk_7Qm3'],
  ])('%s is told as %s', (text, hint) => {
    expect(hintIn(text)).toBe(hint);
  });

  it.each(['gk_7Qm3', 'gk_7Qm3…2C3d', 'gk_', 'Checkout service', 'billing_service', 'A_B'])('%s is none', (text) => {
    expect(hintIn(text)).toBeUndefined();
    expect(withoutSecrets(text)).toBe(text);
  });

  it('goes into no address, and leaves one that it stood in', () => {
    expect(keysPath({ ...everyKey, search: secret })).not.toContain(secret.slice(0, 8));
    expect(filterFrom(new URLSearchParams({ search: secret })).search).toBe('gk_7Qm3…2C3d');
    expect(withoutSecrets(`/keys?search=${secret}&status=active`)).toBe('/keys?search=gk_7Qm3…2C3d&status=active');
  });
});
