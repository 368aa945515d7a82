import { describe, expect, it } from 'vitest';
import { chartData, limitLine, limitOf, presentOf, stackedTops } from './chart-data.ts';

const at = (minute: number) => `2026-11-23T14:${String(minute).padStart(2, '0')}:00.000Z`;
const points = [
  { at: at(30), accepted: 5, refused: 3, refusals: [{ code: 'rate_limited', count: 3 }] },
  {
    at: at(31),
    accepted: 2,
    refused: 4,
    refusals: [
      { code: 'key_disabled', count: 1 },
      { code: 'rate_limited', count: 3 },
    ],
  },
];

describe('the columns of a chart', () => {
  it('stand on what was accepted, and tell every reason apart', () => {
    const data = chartData(points, null);
    expect(data.bands).toEqual([
      { code: 'accepted', counts: [5, 2], total: 7 },
      { code: 'key_disabled', counts: [0, 1], total: 1 },
      { code: 'rate_limited', counts: [3, 3], total: 6 },
    ]);
    expect([data.refused, data.most]).toEqual([7, 8]);
    expect(stackedTops(data)).toEqual([
      { code: 'rate_limited', tops: [8, 6] },
      { code: 'key_disabled', tops: [5, 3] },
      { code: 'accepted', tops: [5, 2] },
    ]);
  });

  it('end with what the ticks say, and never fall behind the history', () => {
    const present = (accepted: number) => ({ startsAt: Date.parse(at(31)), accepted });
    expect(chartData(points, present(9)).bands[0]?.counts).toEqual([5, 9]);
    expect(chartData(points, present(1)).bands[0]?.counts).toEqual([5, 2]);
  });

  it('are none where there are no points', () => {
    expect(chartData([], null)).toEqual({
      times: [],
      bands: [{ code: 'accepted', counts: [], total: 0 }],
      refused: 0,
      most: 0,
    });
  });
});

describe('the limit of a chart', () => {
  it.each([
    ['MINUTE', 60],
    ['HOUR', null],
    ['DAY', 5000],
  ] as const)('in steps of a %s is %s', (step, limit) => {
    expect(limitOf(step, { minute: 60, day: 5000 })).toBe(limit);
  });

  it('is drawn where it is near', () => {
    expect([limitLine(60, 20), limitLine(60, 19), limitLine(null, 20)]).toEqual([60, null, null]);
  });

  it('belongs to a step that has a meter', () => {
    const meter = { startsAt: at(31), used: 4 };
    expect(presentOf('MINUTE', { minute: meter, day: meter })).toEqual({ startsAt: Date.parse(at(31)), accepted: 4 });
    expect(presentOf('HOUR', { minute: meter, day: meter })).toBeNull();
  });
});
