import { describe, expect, it } from 'vitest';
import { createSealer } from './sealed.ts';

const secret = 'Xq3vL9sT0bRk7WnZ2mYc5HdJ8fGp4AeU';
const sealer = createSealer(secret, 'tests');

describe('a sealed text', () => {
  const sealed = sealer.seal('whsec_word', 'whe_1');

  it('is read again, by whoever has the secret of the instance', () => {
    expect(createSealer(secret, 'tests').open(sealed, 'whe_1')).toBe('whsec_word');
  });

  it('shows nothing of itself, and looks otherwise each time', () => {
    expect(Buffer.from(sealed).toString('latin1')).not.toContain('whsec');
    expect(sealer.seal('whsec_word', 'whe_1')).not.toEqual(sealed);
  });

  it('is not read under another secret, for another purpose or about another thing', () => {
    expect(createSealer(secret.toLowerCase(), 'tests').open(sealed, 'whe_1')).toBeUndefined();
    expect(createSealer(secret, 'others').open(sealed, 'whe_1')).toBeUndefined();
    expect(sealer.open(sealed, 'whe_2')).toBeUndefined();
  });

  it('is not read once any bit of it was changed, or a part is missing', () => {
    for (let at = 0; at < sealed.length; at++) {
      const changed = Uint8Array.from(sealed, (byte, index) => (index === at ? byte ^ 1 : byte));
      expect(sealer.open(changed, 'whe_1')).toBeUndefined();
      expect(sealer.open(sealed.subarray(0, at), 'whe_1')).toBeUndefined();
    }
  });
});
