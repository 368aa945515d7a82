import { describe, expect, it } from 'vitest';
import { createAlarm, retryDelayMs } from './retry.ts';

describe('the wait before a retry', () => {
  it('doubles and stays under three seconds', () => {
    expect([0, 1, 2, 3, 4, 50].map((failures) => retryDelayMs(failures, 0))).toEqual([
      250, 500, 1000, 2000, 3000, 3000,
    ]);
  });

  it('is up to a quarter shorter by chance', () => {
    expect(retryDelayMs(4, 0.999)).toBe(2_251);
  });

  it('ends at once when woken', async () => {
    const alarm = createAlarm();
    const waited = alarm.wait(3_600_000);
    alarm.wake();
    await expect(waited).resolves.toBeUndefined();
  });
});
