import { describe, expect, it } from 'vitest';
import { limitRows } from './limit-rows.ts';

const window = (used: number, limit: number | null) => ({
  used,
  limit,
  refused: 7,
  remaining: limit === null ? null : Math.max(0, limit - used),
  startsAt: '2026-11-28T01:00:00.000Z',
  resetsAt: '2026-11-28T01:01:00.000Z',
});

describe('the limits of a key', () => {
  it('are those of the plan, then its own; what has none is left out', () => {
    const rows = limitRows(
      { minute: window(3, 60), day: window(3, null), month: window(9, 100) },
      { minute: window(3, 2), day: window(3, null), month: window(3, null) },
    );
    expect(
      rows.map(({ subject, window, quota, used, remaining }) => [subject, window, quota, used, remaining]),
    ).toEqual([
      ['workspace', 'minute', 60, 3, 57],
      ['workspace', 'month', 100, 9, 91],
      // A limit that was lowered below what is used.
      ['key', 'minute', 2, 3, 0],
    ]);
    expect(rows[0]).toMatchObject({ startsAt: Date.UTC(2026, 10, 28, 1), resetsAt: Date.UTC(2026, 10, 28, 1, 1) });
  });
});
