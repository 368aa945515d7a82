import { describe, expect, it } from 'vitest';
import { composeId, kindOfId } from './ids.ts';

const random = (byte: number) => new Uint8Array(16).fill(byte);

describe('an id', () => {
  it('tells its kind', () => {
    expect(composeId('workspace', 0, random(0))).toBe(`ws_${'0'.repeat(26)}`);
    expect(kindOfId(composeId('key', 1, random(1)))).toBe('key');
    expect(kindOfId('nothing')).toBeUndefined();
    expect(kindOfId('keys_1')).toBeUndefined();
    expect(kindOfId(`key_${'0'.repeat(25)}`)).toBeUndefined();
    expect(kindOfId(`key_${'0'.repeat(25)}\0`)).toBeUndefined();
  });

  it('sorts by time', () => {
    const early = composeId('key', Date.parse('2026-01-01'), random(31));
    const late = composeId('key', Date.parse('2026-01-01') + 1, random(0));
    expect(early < late).toBe(true);
  });
});
