import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { StartRefused } from './start-refused.ts';
import { storedSecret } from './stored-secret.ts';

let dataDir = '';
beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'gatekey-secret-'));
});
afterEach(() => rmSync(dataDir, { recursive: true }));

describe('a stored secret', () => {
  it('is made once, for its owner alone, and then stays', () => {
    const secret = storedSecret(dataDir, 'auth-secret');
    expect(secret).toMatch(/^[\w-]{43}$/);
    expect(storedSecret(dataDir, 'auth-secret')).toBe(secret);
    expect(readdirSync(dataDir)).toEqual(['auth-secret']);
    expect(statSync(join(dataDir, 'auth-secret')).mode & 0o777).toBe(0o600);
  });

  it.each(['', '\n', 'x'.repeat(42), `${' '.repeat(50)}\n`])(
    'that is empty or cut (%j) stops the start in one line',
    (left) => {
      writeFileSync(join(dataDir, 'auth-secret'), left);
      const read = () => storedSecret(dataDir, 'auth-secret');
      expect(read).toThrow(StartRefused);
      expect(read).toThrow(/^[^\n]*auth-secret is empty or cut\.[^\n]*$/);
    },
  );
});
