import { describe, expect, it } from 'vitest';
import { capReachedAt } from './forecast.ts';

const start = Date.parse('2026-11-01T00:00:00Z');
const day = 86_400_000;

function month(used: number, limit: number | null) {
  return {
    used,
    limit,
    refused: 0,
    remaining: null,
    startsAt: '2026-11-01T00:00:00Z',
    resetsAt: '2026-12-01T00:00:00Z',
  };
}

describe('the forecast of the cap', () => {
  it('is a straight line through the window', () => {
    expect(capReachedAt(month(80, 100), start + 20 * day)).toBe(start + 25 * day);
  });

  it.each([
    ['there is no limit', month(80, null), 20],
    ['nothing was used', month(0, 100), 20],
    ['the cap is reached already', month(100, 100), 20],
    ['the window ends first', month(60, 100), 20],
    ['the window has only begun', month(80, 100), 0.5],
  ])('says nothing when %s', (_why, usage, days) => {
    expect(capReachedAt(usage, start + days * day)).toBeNull();
  });
});
