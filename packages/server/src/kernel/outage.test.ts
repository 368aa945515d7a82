import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { recordedLog } from '../../test/log.ts';
import { systemClock } from './clock.ts';
import { createOutage } from './outage.ts';

beforeEach(() => void vi.useFakeTimers({ now: Date.parse('2026-01-31T12:00:00Z') }));
afterEach(() => void vi.useRealTimers());

it('is told once when it begins and once when it is over, with how many calls it cost', async () => {
  const { log, lines } = recordedLog();
  const outage = createOutage({ log, clock: systemClock, what: 'the store' });
  for (let outages = 1; outages <= 2; outages++) {
    for (let calls = 0; calls < 1_000; calls++) {
      outage.refused(new Error('no answer'));
      await vi.advanceTimersByTimeAsync(9);
    }
    expect(lines).toHaveLength(2 * outages - 1);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(lines).toHaveLength(2 * outages);
  }
  expect(lines.slice(0, 2)).toEqual([
    {
      level: 'warn',
      message: 'the store: unavailable, calls are refused',
      since: '2026-01-31T12:00:00.000Z',
      err: new Error('no answer'),
    },
    { level: 'info', message: 'the store: available again', since: '2026-01-31T12:00:00.000Z', refusedCalls: 1_000 },
  ]);
});
