import { describe, expect, it } from 'vitest';
import { barsOf, refusalsOf } from './bars.ts';

const minute = {
  used: 7,
  refused: 2,
  limit: null,
  remaining: null,
  startsAt: '2026-11-23T14:31:00.000Z',
  resetsAt: '2026-11-23T14:32:00.000Z',
};

describe('the last 30 minutes', () => {
  it('end with the present one as the ticks tell it, whatever the history had of it', () => {
    const bars = barsOf(
      [
        { at: '2026-11-23T14:02:00.000Z', accepted: 1, refused: 0 },
        { at: '2026-11-23T14:30:00.000Z', accepted: 5, refused: 4 },
        { at: '2026-11-23T14:31:00.000Z', accepted: 3, refused: 0 },
      ],
      minute,
    );
    expect(bars).toHaveLength(30);
    expect(bars.at(0)).toEqual({ accepted: 1, refused: 0 });
    expect(bars.slice(-2)).toEqual([
      { accepted: 5, refused: 4 },
      { accepted: 7, refused: 2 },
    ]);
  });

  it('are the present one alone while the past is not known', () => {
    expect(barsOf(null, minute).filter(({ accepted }) => accepted > 0)).toHaveLength(1);
  });
});

describe('the refusals of today', () => {
  it('are told by what they were for, the most frequent first', () => {
    const refusals = [
      { code: 'rate_limited', count: 3 },
      { code: 'key_disabled', count: 50 },
      { code: 'quota_exceeded', count: 4 },
    ];
    const codes = refusalsOf({ today: [{ refusals }] }).map(({ code }) => code);
    expect(codes).toEqual(['key_disabled', 'quota_exceeded', 'rate_limited']);
    expect(refusalsOf({ today: [] })).toEqual([]);
    expect(refusalsOf(undefined)).toEqual([]);
  });
});
