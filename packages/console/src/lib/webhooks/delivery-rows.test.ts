import { describe, expect, it } from 'vitest';
import { foldDelivery, type Shown } from './delivery-rows.ts';
import type { Delivery } from './webhooks.documents.ts';

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
