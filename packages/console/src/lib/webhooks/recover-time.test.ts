import { describe, expect, it } from 'vitest';
import { recoverFrom, wallClock } from './recover-time.ts';

const now = new Date(2026, 10, 28, 10, 31, 7).getTime();
const failed = new Date(2026, 10, 20, 8, 0).toISOString();

describe('the time since when failed deliveries are sent again', () => {
  it.each([
    [null, null, '2026-11-27T10:31'],
    [failed, null, '2026-11-19T08:00'],
    [failed, new Date(now).toISOString(), '2026-11-19T08:00'],
    [null, failed, '2026-11-19T08:00'],
  ])('failing since %s, disabled %s: %s', (failingSince, disabledAt, since) => {
    expect(wallClock(recoverFrom({ failingSince, disabledAt }, now))).toBe(since);
  });
});
