import { describe, expect, it } from 'vitest';
import { createSlot } from './slot.ts';

const newest = (value: number) => () => value;

describe('a slot', () => {
  it('keeps one value for a reader that does not read, the newest', async () => {
    const slot = createSlot<number>(() => {});
    for (let i = 1; i <= 10_000; i++) slot.put(newest(i));
    expect(await slot.next()).toEqual({ done: false, value: 10_000 });
    let isPending = true;
    const next = slot.next().finally(() => {
      isPending = false;
    });
    await Promise.resolve();
    expect(isPending).toBe(true);
    slot.put(newest(10_001));
    expect(await next).toEqual({ done: false, value: 10_001 });
  });

  it('merges what is unread', async () => {
    const slot = createSlot<number[]>(() => {});
    for (const value of [1, 2, 3]) slot.put((unread = []) => [...unread, value]);
    expect((await slot.next()).value).toEqual([1, 2, 3]);
  });

  it('releases a waiting reader at its end, which is told once', async () => {
    let ends = 0;
    const slot = createSlot<number>(() => {
      ends += 1;
    });
    const waiting = slot.next();
    await slot.return();
    await slot.return();
    slot.put(newest(1));
    expect(await waiting).toEqual({ done: true, value: undefined });
    expect(await slot.next()).toEqual({ done: true, value: undefined });
    expect(ends).toBe(1);
  });
});
