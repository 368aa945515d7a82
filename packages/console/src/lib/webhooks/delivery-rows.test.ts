import { describe, expect, it } from 'vitest';
import { foldDelivery, isOlder, type Shown } from './delivery-rows.ts';
import type { Attempt, Delivery } from './webhooks.documents.ts';

const delivery = (id: string, state: Delivery['state'] = 'DELIVERED', type = 'key.created'): Delivery => ({
  id,
  type,
  state,
  createdAt: '2026-11-28T10:00:00.000Z',
  nextAttemptAt: null,
  attempts: [],
});
const all = { state: null, type: null };
const rows = [delivery('msg_5', 'FAILED'), delivery('msg_3')];

describe('a delivery that changes', () => {
  it.each<[string, Partial<Shown>, Delivery, string[]]>([
    ['comes first when it is new', {}, delivery('msg_6'), ['msg_6', 'msg_5', 'msg_3']],
    ['stays where it is', {}, delivery('msg_3', 'FAILED'), ['msg_5', 'msg_3']],
    ['is put in its place', {}, delivery('msg_4'), ['msg_5', 'msg_4', 'msg_3']],
    ['of old comes last where all are shown', {}, delivery('msg_1'), ['msg_5', 'msg_3', 'msg_1']],
    ['of a page that is not shown stays away', { hasMore: true }, delivery('msg_1'), ['msg_5', 'msg_3']],
    ['leaves when it no longer fits', { filter: { ...all, state: 'FAILED' } }, delivery('msg_5'), ['msg_3']],
    ['of another type stays away', { filter: { ...all, type: 'key.revoked' } }, delivery('msg_6'), ['msg_5', 'msg_3']],
    ['comes into an empty list', { rows: [] }, delivery('msg_1'), ['msg_1']],
  ])('%s', (_what, shown, changed, ids) => {
    expect(foldDelivery({ rows, filter: all, hasMore: false, ...shown }, changed).map(({ id }) => id)).toEqual(ids);
  });

  it('is shown as it is now', () => {
    const [first] = foldDelivery({ rows, filter: all, hasMore: false }, delivery('msg_5', 'DELIVERED'));
    expect(first?.state).toBe('DELIVERED');
  });
});

describe('what is told of a delivery', () => {
  const attempt = (id: string, finishedAt: string | null = null): Attempt => ({
    id,
    startedAt: '2026-11-28T10:00:00.000Z',
    finishedAt,
    status: finishedAt === null ? null : 500,
    durationMs: null,
    fault: null,
  });
  const [made, done] = [attempt('att_1'), attempt('att_1', '2026-11-28T10:00:01.000Z')];

  it.each<[string, Attempt[], Attempt[], boolean]>([
    ['without an attempt, after none', [], [], false],
    ['without an attempt, after one', [], [made], true],
    ['with an attempt, after none', [made], [], false],
    ['before the answer, after it', [made], [done], true],
    ['after the answer, before it', [done], [made], false],
    ['again, as it was made due once more', [done], [done], false],
    ['without the next attempt, after it', [done], [attempt('att_2'), done], true],
    ['with the next attempt, before it', [attempt('att_2'), done], [done], false],
  ])('%s', (_what, one, other, older) => {
    expect(isOlder({ attempts: one }, { attempts: other })).toBe(older);
  });
});
