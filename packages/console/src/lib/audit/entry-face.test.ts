import { describe, expect, it } from 'vitest';
import { formatDateClock } from '#lib/format.ts';
import type { Entry } from './audit.documents.ts';
import { entryFace } from './entry-face.ts';

const at = '2026-11-23T10:00:00.000Z';
const entry = (given: Partial<Entry>): Entry => ({
  id: 'evt_1',
  at,
  type: 'key.updated',
  actor: { kind: 'USER', name: 'Ada' },
  address: '127.0.0.1',
  subject: 'Billing',
  before: null,
  after: null,
  ...given,
});

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
    ['something gone', { before: { role: 'viewer' } }, 'role: viewer -> '],
    ['a name that is not known here', { before: { newWord: 1 }, after: { newWord: 2 } }, 'newWord: 1 -> 2'],
  ])('tells %s', (_what, given, text) => {
    const { differences } = entryFace(entry(given));
    expect(differences.map(({ name, from, to }) => `${name}: ${from ?? ''} -> ${to ?? ''}`)).toEqual([text]);
  });

  it.each<[Entry['actor'], string]>([
    [{ kind: 'USER', name: 'Ada' }, 'Ada'],
    [{ kind: 'SYSTEM', name: null }, 'Gatekey'],
    [{ kind: 'KEY', name: null }, 'Somebody who is gone'],
  ])('names %o', (actor, who) => {
    expect(entryFace(entry({ actor })).who).toBe(who);
  });

  it('shows a type that is not known here as it is', () => {
    expect(entryFace(entry({ type: 'new.thing' })).what).toBe('new.thing');
  });
});
