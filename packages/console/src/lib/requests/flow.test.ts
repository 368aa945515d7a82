import { describe, expect, it } from 'vitest';
import { extended, type Flow, noFlow, received, released } from './flow.ts';
import { logged } from './logged.test-data.ts';

const of = (...ids: number[]) => ids.map((n) => logged(`req_${n}`));
const ids = (list: Flow['rows']) => list.map(({ id }) => Number(id.slice(4)));
const batch = (...news: number[]) => ({ requests: of(...news), leftOut: 0, isFirst: false });
const shown: Flow = { ...noFlow, rows: of(3, 2, 1) };

describe('the flow of requests', () => {
  it('lets new ones wait, newest first, until they are shown', () => {
    const waiting = received(received(shown, batch(5, 4)) ?? noFlow, batch(6)) ?? noFlow;
    expect([ids(waiting.waiting), ids(waiting.rows)]).toEqual([
      [6, 5, 4],
      [3, 2, 1],
    ]);
    expect(ids(released(waiting, 5).rows)).toEqual([6, 5, 4, 3, 2]);
    expect(released(shown, 5)).toBe(shown);
  });

  it('has each once', () => {
    expect(ids(received(shown, batch(4, 3))?.waiting ?? [])).toEqual([4]);
    expect(ids(extended(shown, of(1, 0)).rows)).toEqual([3, 2, 1, 0]);
  });

  it('closes a gap after a lost line where it sees that there is none, and else asks again', () => {
    expect(ids(received(shown, { ...batch(5, 4, 3, 2), isFirst: true })?.waiting ?? [])).toEqual([5, 4]);
    expect(received(shown, { ...batch(9, 8), isFirst: true })).toBeUndefined();
    expect(ids(received(noFlow, { ...batch(2, 1), isFirst: true })?.waiting ?? [])).toEqual([2, 1]);
  });

  it('is bounded, and counts what it lets go and what the server left out', () => {
    const many = Array.from({ length: 300 }, (_, index) => 1_000 - index);
    const flow = received({ ...shown, waiting: of(...many) }, { ...batch(...many.map((n) => n + 5_000)), leftOut: 7 });
    expect([flow?.waiting.length, flow?.leftOut]).toEqual([500, 107]);
  });
});
