import { describe, expect, it } from 'vitest';
import { levelOf } from './headroom.ts';

describe('the level of a meter', () => {
  it.each([
    [0, 60, 'OK'],
    [47, 60, 'OK'],
    [48, 60, 'WARNING'],
    [53, 60, 'WARNING'],
    [54, 60, 'CRITICAL'],
    [59, 60, 'CRITICAL'],
    [60, 60, 'EXCEEDED'],
    [70, 60, 'EXCEEDED'],
    [79, 100, 'OK'],
    [80, 100, 'WARNING'],
    [1_000_000, null, 'OK'],
  ] as const)('at %i of %s is %s', (used, limit, level) => {
    expect(levelOf(used, limit)).toBe(level);
  });
});
