import { describe, expect, it } from 'vitest';
import { emptyDraft, readDraft } from './new-key.ts';

const now = Date.parse('2026-11-23T10:00:00Z');
const named = { ...emptyDraft, name: ' Checkout service ' };

describe('the form of a new key', () => {
  it('with only a name inherits everything', () => {
    expect(readDraft(named, now)).toEqual({
      ok: true,
      input: {
        name: 'Checkout service',
        expiresAt: null,
        ipAllowlist: [],
        limits: { minute: null, day: null, month: null },
      },
    });
  });

  it('reads days, limits with separators, and addresses in their one form', () => {
    const draft = { ...named, expiry: 'd7', minute: '1,000', allowlist: '203.0.113.7\n\n2001:DB8::/32 ' } as const;
    expect(readDraft(draft, now)).toMatchObject({
      input: {
        expiresAt: '2026-11-30T10:00:00.000Z',
        limits: { minute: 1000, day: null, month: null },
        ipAllowlist: ['203.0.113.7', '2001:db8::/32'],
      },
    });
  });

  it('ends with the chosen day, where the person is', () => {
    const read = readDraft({ ...named, expiry: 'date', lastDay: '2026-12-31' }, now);
    expect(read.ok && read.input.expiresAt).toBe(new Date(2027, 0, 1).toISOString());
  });

  it.each(['0', '1.5', '1,5', '-3', 'ten', '1e3', '9999999999999'])('takes no limit of %s', (minute) => {
    expect(readDraft({ ...named, minute }, now).ok).toBe(false);
  });

  it('tells every mistake at its field', () => {
    const draft = {
      ...emptyDraft,
      expiry: 'date',
      lastDay: '2020-01-01',
      day: '0',
      allowlist: '10.0.0.1\n10.0.0',
    } as const;
    expect(readDraft(draft, now)).toEqual({
      ok: false,
      fields: {
        name: 'Give the key a name.',
        expiresAt: 'Choose a day that is not over yet.',
        'limits.day': 'A whole number from 1 up, or nothing.',
        ipAllowlist: 'Line 2 is not an IP address or range.',
      },
    });
  });
});
