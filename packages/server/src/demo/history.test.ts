/** The demo's past, at any time of the day and of the month. */
import { windowsAt } from '@gatekey/shared';
import { describe, expect, it } from 'vitest';
import type { UsageStep } from '../metering/tallies.ts';
import { pastOf } from './history.ts';
import { integrations } from './integrations.ts';

/** Numbers that look random and are the same each time. */
function numbers(): () => number {
  let state = 7;
  return () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
}

const dayMs = 86_400_000;
const late = ['2026-11-28T12:00:00Z', '2026-11-28T23:59:30Z', '2026-11-02T15:10:20Z', '2026-03-31T04:00:00Z'];
const early = ['2026-12-01T00:00:05Z', '2026-11-28T00:20:00Z', '2027-01-01T02:00:00Z'];

function past(text: string) {
  const now = Date.parse(text);
  const { rows, limits } = pastOf(integrations, now, numbers());
  const all = [...rows.values()].flat();
  const total = (step: UsageStep, from: number, to = now) =>
    all.filter((row) => row.step === step && row.at >= from && row.at < to).reduce((sum, row) => sum + row.accepted, 0);
  const { day, month } = windowsAt(now);
  return { now, limits, total, today: day.startsAt, month: month.startsAt };
}

describe.each([...late, ...early])('the past of a demo that is made at %s', (text) => {
  const { now, limits, total, today, month } = past(text);

  it('has calls on each of 30 days, as many in hours as in days, and in minutes as in hours', () => {
    for (let back = 0; back < 30; back++) {
      const from = today - back * dayMs;
      expect(total('day', from, from + dayMs)).toBeGreaterThan(0);
      expect(total('hour', from, from + dayMs)).toBe(total('day', from, from + dayMs));
    }
    const hour = Math.ceil((now - dayMs) / 3_600_000) * 3_600_000;
    expect(total('minute', hour)).toBe(total('hour', hour));
  });

  it('leaves room in the day and the month, and no day before went beyond the limit', () => {
    expect(total('day', today)).toBeLessThan(limits.day ?? 0);
    expect(total('day', month)).toBeLessThan(limits.month ?? 0);
    for (let back = 1; back < 30; back++) {
      const from = today - back * dayMs;
      expect(total('day', from, from + dayMs)).toBeLessThanOrEqual(limits.day ?? 0);
    }
  });
});

describe('the limits of a demo that is made when the day is some hours old', () => {
  it.each(late)('put the day near its cap and the month nearer: %s', (text) => {
    const { limits, total, today, month } = past(text);
    const [ofDay, ofMonth] = [total('day', today) / (limits.day ?? 1), total('day', month) / (limits.month ?? 1)];
    expect(ofDay).toBeGreaterThan(0.8);
    expect(ofDay).toBeLessThan(0.9);
    expect(ofMonth).toBeGreaterThan(0.9);
  });
});
