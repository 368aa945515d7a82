import { describe, expect, it } from 'vitest';
import {
  type Move,
  movedRange,
  namedRange,
  rangeFrom,
  rangeParams,
  type ranges,
  type Step,
  stepMs,
} from './chart-range.ts';

const now = Date.parse('2026-11-23T14:31:42Z');
const read = (query: string) => rangeFrom(new URLSearchParams(query), now);
const iso = (at: number) => new Date(at).toISOString();

describe('the time that a chart shows', () => {
  it.each<[(typeof ranges)[number], Step, number, string]>([
    ['30m', 'MINUTE', 30, '2026-11-23T14:32:00.000Z'],
    ['3h', 'MINUTE', 180, '2026-11-23T14:32:00.000Z'],
    ['24h', 'HOUR', 24, '2026-11-23T15:00:00.000Z'],
    ['7d', 'HOUR', 168, '2026-11-23T15:00:00.000Z'],
    ['30d', 'DAY', 30, '2026-11-24T00:00:00.000Z'],
  ])('%s is in steps of a %s, %i of them, the present one included', (name, step, points, end) => {
    const range = namedRange(name, now);
    expect([range.step, (range.to - range.from) / stepMs[range.step], iso(range.to)]).toEqual([step, points, end]);
    expect(read(new URLSearchParams(rangeParams(range)).toString())).toEqual(range);
  });

  it('that was drawn on it comes back out of the address, in whole steps', () => {
    const range = read('from=2026-11-20T10:00:10Z&to=2026-11-20T10:20:50Z');
    expect([range.name, range.step, iso(range.from), iso(range.to)]).toEqual([
      null,
      'MINUTE',
      '2026-11-20T10:00:00.000Z',
      '2026-11-20T10:21:00.000Z',
    ]);
    expect(read(new URLSearchParams(rangeParams(range)).toString())).toEqual(range);
  });

  it.each<[Move, string, string | null]>([
    ['earlier', 'from=2026-11-20T10:00:00Z&to=2026-11-20T10:20:00Z', '09:50-10:10'],
    ['later', 'from=2026-11-20T10:00:00Z&to=2026-11-20T10:20:00Z', '10:10-10:30'],
    ['in', 'from=2026-11-20T10:00:00Z&to=2026-11-20T10:20:00Z', '10:05-10:15'],
    ['out', 'from=2026-11-20T10:00:00Z&to=2026-11-20T10:20:00Z', '09:50-10:30'],
    ['in', 'range=30m', '14:17-14:32'],
    ['out', 'range=30m', '13:32-14:32'],
    ['later', 'from=2026-11-23T14:10:00Z&to=2026-11-23T14:30:00Z', '14:12-14:32'],
    ['later', 'range=30m', null],
    ['in', 'from=2026-11-20T10:00:00Z&to=2026-11-20T10:09:00Z', null],
    ['out', 'from=2026-01-01&to=2026-11-01', null],
    ['earlier', 'from=1970-01-01&to=1970-01-02', null],
  ])('moved %s from %s is %s', (move, query, expected) => {
    const range = movedRange(read(query), move, now);
    expect(range && `${iso(range.from).slice(11, 16)}-${iso(range.to).slice(11, 16)}`).toBe(expected);
  });

  it.each(['', 'range=9y', 'from=x&to=y', 'from=2026-11-20T10:00:00Z', 'from=2027-01-01&to=2027-01-02'])(
    'is the usual one where the address says “%s”',
    (query) => {
      expect(read(query)).toEqual(namedRange('3h', now));
    },
  );
});
