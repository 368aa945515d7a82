import { describe, expect, it } from 'vitest';
import { changesOf, draftOf, emptyDraft, type KeySettings, readDraft } from './key-draft.ts';

const now = Date.parse('2026-11-23T10:00:00Z');
const named = { ...emptyDraft, name: ' Checkout service ' };

describe('the form of a new key', () => {
  it('with only a name inherits everything', () => {
    expect(readDraft(named, now)).toEqual({
      ok: true,
      settings: {
        name: 'Checkout service',
        expiresAt: null,
        ipAllowlist: [],
        scopes: [],
        metadata: {},
        limits: { minute: null, day: null, month: null },
      },
    });
  });

  it('reads days, limits with separators, and addresses in their one form', () => {
    const draft = { ...named, expiry: 'd7', minute: '1,000', allowlist: '203.0.113.7\n\n2001:DB8::/32 ' } as const;
    expect(readDraft(draft, now)).toMatchObject({
      settings: {
        expiresAt: '2026-11-30T10:00:00.000Z',
        limits: { minute: 1000, day: null, month: null },
        ipAllowlist: ['203.0.113.7', '2001:db8::/32'],
      },
    });
  });

  it('ends with the chosen day, where the person is', () => {
    const read = readDraft({ ...named, expiry: 'date', lastDay: '2026-12-31' }, now);
    expect(read.ok && read.settings.expiresAt).toBe(new Date(2027, 0, 1).toISOString());
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
      allowlist: '10.0.0.1\n10.0.0\n\nme',
      ownScopes: 'orders:read Orders',
      metadata: '[1]',
    } as const;
    expect(readDraft(draft, now)).toEqual({
      ok: false,
      fields: {
        name: 'Give the key a name.',
        expiresAt: 'Choose a day that is not over yet.',
        'limits.day': 'A whole number from 1 up, or nothing.',
        ipAllowlist: 'Line 2, “10.0.0”, is not an IP address or range.\nLine 4, “me”, is not an IP address or range.',
        scopes: '“Orders” is no scope: lower-case words with “:” between them.',
        metadata: 'This is no JSON object.',
      },
    });
  });

  it('of a key sends only what was changed, and what was sent comes back as it was', () => {
    const settings = {
      ...emptySettings,
      scopes: ['audit:read', 'orders:write'],
      metadata: { team: 'payments' },
      expiresAt: '2027-02-01T08:30:00.000Z',
    };
    const draft = draftOf({ ...settings, name: 'Checkout' });
    const before = readDraft(draft, now);
    expect(before).toEqual({ ok: true, settings: { ...settings, name: 'Checkout' } });
    const after = readDraft({ ...draft, day: '500', ownScopes: 'orders:read, orders:write' }, now);
    expect(before.ok && after.ok && changesOf(before.settings, after.settings)).toEqual({
      scopes: ['audit:read', 'orders:read', 'orders:write'],
      limits: { minute: null, day: 500, month: null },
    });
    expect(before.ok && changesOf(before.settings, before.settings)).toEqual({});
  });
});

const emptySettings: KeySettings = {
  name: '',
  expiresAt: null,
  ipAllowlist: [],
  scopes: [],
  limits: { minute: null, day: null, month: null },
  metadata: {},
};
