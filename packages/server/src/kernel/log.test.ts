import { spawnSync } from 'node:child_process';
import { composeSecret } from '@gatekey/shared';
import { describe, expect, it } from 'vitest';
import { redact } from './log.ts';

const secret = composeSecret('gk', '7Qm3aB9xYz0123456789ABCDEFGHIJ');
const webhookSecret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw+/a8HwaxvQ4=';

describe('what may be logged', () => {
  it.each(['', ' ', '"', '/', 'x_', 'api_key_', 'X_', 'Bearer', 'token', 'a-rather-long-word', 'UPPER', '0', 'é', '='])(
    'has no secret in it after %j',
    (before) => {
      for (const one of [secret, webhookSecret]) {
        const text = redact(`said ${before}${one}, and more`);
        expect(text).not.toContain(one.slice(6, 36));
        expect(text).toMatch(/^said .*_\[redacted\], and more$/);
      }
    },
  );

  it('has no password of a URL in it', () => {
    expect(redact('at postgresql://gatekey:pa:ss!word@host:5432/gatekey?x=1')).toBe(
      'at postgresql://gatekey:[redacted]@host:5432/gatekey?x=1',
    );
  });

  it('keeps ids, hints, paths and hashes of packages as they are', () => {
    for (const text of [
      'key_01m84v5yd4avgnq7ghhhhf2rrf',
      'gk_7Qm3…x0Ol',
      'node_modules/.pnpm/a@1_b_1b719068d41dea23947442e4f/node_modules/some/rather/long/path/to/a/file.mjs:1:2',
      'http://127.0.0.1:4000/graphql',
    ]) {
      expect(redact(text)).toBe(text);
    }
  });

  it('takes no longer to find than its length asks for', () => {
    const texts = ['a', 'ab_', `ab_${'x'.repeat(29)}`, '://a:', '://', '_', 'whsec_'].map((part) =>
      part.repeat(Math.ceil(400_000 / part.length)),
    );
    const from = performance.now();
    for (const text of texts) redact(text);
    // Some ms each; one that looks again and again takes minutes.
    expect(performance.now() - from).toBeLessThan(5_000);
  });

  it('is all that a log writes, wherever the secret stands', () => {
    const program = `
      const { createLog } = await import(${JSON.stringify(new URL('./log.ts', import.meta.url).href)});
      const secret = process.argv[1];
      createLog('info').warn({ err: new Error('no ' + secret, { cause: 'x_' + secret }), [secret]: [{ deep: secret }] }, secret);
    `;
    const { stdout } = spawnSync(process.execPath, ['--input-type=module', '-e', program, secret], {
      encoding: 'utf8',
    });
    expect(stdout).toContain('"level":"warn"');
    expect(stdout).not.toContain(secret.slice(3));
  });
});
