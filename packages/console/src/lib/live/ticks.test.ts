import { describe, expect, it } from 'vitest';
import type { Usage, UsageTick, WindowUsage } from './live.documents.ts';
import { firstView, foldTick } from './ticks.ts';

const at = '2026-11-23T14:31:07.000Z';

function used(count: number): Usage {
  const window: WindowUsage = { used: count, refused: 0, limit: 60, remaining: 60 - count, startsAt: at, resetsAt: at };
  return { minute: window, day: window, month: window };
}

function tick(seq: number, count: number, keys: Record<string, number> = {}): UsageTick {
  const changed = Object.entries(keys).map(([keyId, value]) => ({ keyId, usage: used(value) }));
  return { seq, at, isComplete: true, usage: used(count), keys: changed };
}

const start = foldTick(firstView(used(0), 0), tick(10, 3, { a: 1, b: 2 }), true);

describe('ticks', () => {
  it('replace what was known before the first one', () => {
    expect(start.usage.minute.used).toBe(3);
    expect(start.at).toBe(Date.parse(at));
    expect([...start.keys.keys()]).toEqual(['a', 'b']);
  });

  it('that are not newer change nothing', () => {
    expect(foldTick(start, tick(10, 99), false)).toBe(start);
    expect(foldTick(start, tick(9, 99), true)).toBe(start);
  });

  it('carry only the keys that changed; the others stay', () => {
    const next = foldTick(start, tick(11, 4, { b: 3 }), false);
    expect(next.keys.get('a')?.minute.used).toBe(1);
    expect(next.keys.get('b')?.minute.used).toBe(3);
  });

  it('drop keys that a new snapshot no longer names', () => {
    expect(foldTick(start, tick(11, 4, { a: 1 }), true).keys.has('b')).toBe(false);
  });

  it('tell when a key was used, and only if it was', () => {
    const next = foldTick(start, tick(11, 4, { a: 1, b: 3 }), false);
    expect(next.movedAt.get('b')).toBe(Date.parse(at));
    expect(next.movedAt.has('a')).toBe(false);
    expect(start.movedAt.size).toBe(0);
  });

  it('do not touch the view they follow, so that a paused page can keep it', () => {
    foldTick(start, tick(11, 50, { a: 40 }), false);
    expect(start.keys.get('a')?.minute.used).toBe(1);
  });
});
