import type { UsageLevel } from '@gatekey/shared';
import { describe, expect, it } from 'vitest';
import { heldLevel, percentOf } from './level.ts';

describe('the level of a meter', () => {
  it.each<[UsageLevel, number, UsageLevel]>([
    ['OK', 79, 'OK'],
    ['OK', 80, 'WARNING'],
    ['OK', 90, 'CRITICAL'],
    ['OK', 100, 'EXCEEDED'],
    ['WARNING', 79, 'WARNING'],
    ['WARNING', 75, 'WARNING'],
    ['WARNING', 74, 'OK'],
    ['WARNING', 91, 'CRITICAL'],
    ['CRITICAL', 89, 'CRITICAL'],
    ['CRITICAL', 85, 'CRITICAL'],
    ['CRITICAL', 84, 'WARNING'],
    ['CRITICAL', 77, 'WARNING'],
    ['CRITICAL', 74, 'OK'],
    ['CRITICAL', 0, 'OK'],
    ['EXCEEDED', 99, 'CRITICAL'],
    ['EXCEEDED', 86, 'CRITICAL'],
    ['EXCEEDED', 0, 'OK'],
  ])('drawn as %s, at %i percent becomes %s', (held, used, level) => {
    expect(heldLevel(held, used, 100)).toBe(level);
  });

  it('is OK without a limit, whatever it was', () => {
    expect(heldLevel('EXCEEDED', 12_481, null)).toBe('OK');
  });

  it('counts whole percent, and never rounds up to full', () => {
    expect(percentOf(99_999, 100_000)).toBe(99);
    expect(percentOf(100_000, 100_000)).toBe(100);
  });
});
