import { describe, expect, it } from 'vitest';
import type { Usage } from '#lib/live/live.documents.ts';
import { warningOf } from './warning.ts';

function usage(minute: number, day: number, month: number): Usage {
  const at = '2026-11-23T00:00:00Z';
  const of = (used: number) => ({ used, refused: 0, limit: 100, remaining: 100 - used, startsAt: at, resetsAt: at });
  return { minute: of(minute), day: of(day), month: of(month) };
}

describe('the warning strip', () => {
  it.each([
    ['all have room', usage(10, 79, 79), null],
    ['only the minute is full', usage(100, 10, 10), null],
    ['the day is near its cap', usage(10, 80, 50), 'day'],
    ['the month is fuller', usage(10, 82, 91), 'month'],
    ['the day is capped', usage(10, 100, 91), 'day'],
    ['both are equal', usage(10, 90, 90), 'month'],
  ])('when %s', (_when, counts, kind) => {
    expect(warningOf(counts)?.kind ?? null).toBe(kind);
  });
});
