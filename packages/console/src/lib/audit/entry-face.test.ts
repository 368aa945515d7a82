import { describe, expect, it } from 'vitest';
import { formatDateClock } from '#lib/format.ts';
import type { Entry } from './audit.documents.ts';
import { entryWith as entry } from './entry.test-data.ts';
import { entryFace } from './entry-face.ts';

const at = '2026-11-23T10:00:00.000Z';
describe('a row of the log', () => {
  it.each<[string, Partial<Entry>, string]>([
    ['a changed text', { before: { name: 'A' }, after: { name: 'B' } }, 'name: A -> B'],
    [
      'a list that was empty',
      { before: { ipAllowlist: [] }, after: { ipAllowlist: ['10.0.0.0/8', '::1'] } },
      'allowed addresses: none -> 10.0.0.0/8, ::1',
    ],
    [
      'limits',
      { before: { limits: { minute: 1, day: null } }, after: { limits: { minute: 2, day: 5 } } },
      'limits: minute 1 -> minute 2, day 5',
    ],
    ['something new, without what is empty', { after: { name: 'A', expiresAt: null, scopes: [] } }, 'name:  -> A'],
    [
      'an instant, on the reader’s clock',
      { after: { disabledAt: at } },
      `disabled:  -> ${formatDateClock(Date.parse(at))}`,
    ],
    [
      'an instant that is new, without the none before it',
      { before: { revokedAt: null }, after: { revokedAt: at } },
      `revoked:  -> ${formatDateClock(Date.parse(at))}`,
    ],
    ['something gone', { before: { role: 'viewer' } }, 'role: viewer -> '],
    [
      'numbers with their thousands',
      { before: { limit: 1_000 }, after: { limit: 1_000_000 } },
      'limit: 1,000 -> 1,000,000',
    ],
    [
      'a plan by its name',
      { before: { planId: 'pln_1', planName: 'Free' }, after: { planId: 'pln_2', planName: 'Pro' } },
      'plan: Free -> Pro',
    ],
    ['a plan by its id, where no name was kept', { after: { planId: 'pln_2' } }, 'plan:  -> pln_2'],
    ['something new without the name that it is listed by', { after: { name: 'Billing', role: 'x' } }, 'role:  -> x'],
    ['a name that is not known here', { before: { newWord: 1 }, after: { newWord: 2 } }, 'newWord: 1 -> 2'],
  ])('tells %s', (_what, given, text) => {
    const { differences } = entryFace(entry(given));
    expect(differences.map(({ name, from, to }) => `${name}: ${from ?? ''} -> ${to ?? ''}`)).toEqual([text]);
  });

  it.each<[Entry['actor'], string]>([
    [{ kind: 'USER', id: 'user_1', name: 'Ada' }, 'Ada'],
    [{ kind: 'SYSTEM', id: null, name: null }, 'Gatekey'],
    [{ kind: 'KEY', id: 'key_1', name: null }, 'Somebody who is gone'],
  ])('names %o', (actor, who) => {
    expect(entryFace(entry({ actor })).who).toBe(who);
  });

  it('shows a type that is not known here as it is', () => {
    expect(entryFace(entry({ type: 'new.thing' })).what).toBe('new.thing');
  });

  const usage = { window: 'month', limit: 1_000_000, used: 800_000, startsAt: at, resetsAt: at };
  const many = { hint: 'a', role: 'b', email: 'c' };
  it.each<[string, Partial<Entry>, string | null]>([
    ['a threshold', { type: 'usage.threshold', after: { ...usage, threshold: 80 } }, '80 % of 1,000,000 a month'],
    ['a spent limit', { type: 'usage.exceeded', after: { ...usage, threshold: 100 } }, '100 % of 1,000,000 a month'],
    ['a key that ends', { type: 'key.expiring', after: { days: 1, expiresAt: at } }, '1 day left'],
    ['a refused address', { type: 'ip.refused', after: { address: '192.0.2.1', refusedAt: at } }, '192.0.2.1'],
    ['many differences', { after: many }, 'secret a · role b · e-mail c'],
    ['a long one', { before: { name: 'A' }, after: { name: 'B'.repeat(80) } }, `name A → ${'B'.repeat(80)}`],
    ['a short one', { before: { name: 'A' }, after: { name: 'B' } }, null],
  ])('folds %s into a line', (_what, given, gist) => {
    expect(entryFace(entry(given)).gist).toBe(gist);
  });
});
