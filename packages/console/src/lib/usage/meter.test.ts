import type { UsageLevel, WindowKind } from '@gatekey/shared';
import { describe, expect, it } from 'vitest';
import type { WindowUsage } from '#lib/live/live.documents.ts';
import { meterFace } from './meter.ts';

const now = Date.parse('2026-11-23T14:31:42Z');
const windows: Record<WindowKind, { startsAt: string; resetsAt: string }> = {
  minute: { startsAt: '2026-11-23T14:31:00Z', resetsAt: '2026-11-23T14:32:00Z' },
  day: { startsAt: '2026-11-23T00:00:00Z', resetsAt: '2026-11-24T00:00:00Z' },
  month: { startsAt: '2026-11-01T00:00:00Z', resetsAt: '2026-12-01T00:00:00Z' },
};

function at(kind: WindowKind, used: number, limit: number | null): WindowUsage {
  return { used, limit, refused: 0, remaining: limit === null ? null : limit - used, ...windows[kind] };
}

describe('a meter', () => {
  it.each<[WindowKind, number, number | null, UsageLevel, string, RegExp]>([
    ['minute', 42, 60, 'OK', '18 left', /^resets in 18 s$/],
    ['day', 8_212, 10_000, 'WARNING', '82%, 1,788 left', /^resets \d\d:\d\d$/],
    ['month', 90_896, 100_000, 'CRITICAL', '90%, 9,104 left, cap in ~2 days', /^resets \d+ (Nov|Dec)$/],
    ['minute', 60, 60, 'EXCEEDED', 'Limited, clears in 18 s', /^$/],
    ['minute', 12_481, null, 'OK', '', /^resets in 18 s$/],
  ])('of a %s at %i of %s says how it stands', (kind, used, limit, level, state, resets) => {
    const face = meterFace(kind, at(kind, used, limit), level, now);
    expect(face.state).toBe(state);
    expect(face.resets).toMatch(resets);
  });

  it('that is capped names the end on both clocks', () => {
    expect(meterFace('day', at('day', 5, 5), 'EXCEEDED', now).state).toMatch(
      /^Capped until 00:00 UTC( \(\d\d:\d\d your time\))?$/,
    );
    expect(meterFace('month', at('month', 5, 5), 'EXCEEDED', now).state).toMatch(/^Capped until 1 Dec, 00:00 UTC/);
  });

  it('whose window ended without news says so and keeps its count', () => {
    const face = meterFace('minute', at('minute', 42, 60), 'OK', now + 60_000);
    expect(face.resets).toBe('reset; waiting for new counts');
    expect(face.fill).toBe(0.7);
  });

  it('without a limit has no bar, and says so aloud', () => {
    const face = meterFace('day', at('day', 12_481, null), 'OK', now);
    expect(face.fill).toBeNull();
    expect(face.spoken).toMatch(/^12,481, no limit/);
  });
});
