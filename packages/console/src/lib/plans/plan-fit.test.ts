import { describe, expect, it } from 'vitest';
import { planFit } from './plan-fit.ts';

const at = '2026-11-28T00:00:00.000Z';
const window = (used: number) => ({ used, refused: 0, limit: null, remaining: null, startsAt: at, resetsAt: at });
const usage = { minute: window(0), day: window(4_500), month: window(120_000) };

describe('what is used, against a plan', () => {
  it.each([
    ['a wider one', { minute: 600, day: 100_000, month: 2_000_000 }, ['OK', 'OK', 'OK'], [0, 4, 6]],
    ['a narrower one', { minute: 60, day: 5_000, month: 100_000 }, ['OK', 'CRITICAL', 'EXCEEDED'], [0, 90, 120]],
    ['one that is just spent', { minute: 60, day: 4_500, month: null }, ['OK', 'EXCEEDED', 'OK'], [0, 100, null]],
    ['one without limits', { minute: null, day: null, month: null }, ['OK', 'OK', 'OK'], [null, null, null]],
  ])('%s', (_name, limits, levels, percents) => {
    const fits = planFit(limits, usage);
    expect(fits.map(({ level }) => level)).toEqual(levels);
    expect(fits.map(({ percent }) => percent)).toEqual(percents);
    expect(fits.map(({ used }) => used)).toEqual([0, 4_500, 120_000]);
  });
});
