import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createLifecycle } from './lifecycle.ts';
import { createLog } from './log.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe('stopping', () => {
  it('reaches every part within 25 s, last started first, whatever hangs or fails', async () => {
    const lifecycle = createLifecycle(createLog('silent'));
    const stopped: number[] = [];
    for (let part = 0; part < 20; part++) {
      lifecycle.onStop(`part ${part}`, () => {
        stopped.push(part);
        if (part % 3 === 0) throw new Error('no');
        return part % 3 === 1 ? new Promise(() => {}) : undefined;
      });
    }
    const from = performance.now();
    const all = lifecycle.stop();
    expect(lifecycle.isStopping).toBe(true);
    await vi.runAllTimersAsync();
    await all;
    expect(performance.now() - from).toBeLessThan(25_000);
    expect(stopped).toEqual(Array.from({ length: 20 }, (_, index) => 19 - index));
  });
});
