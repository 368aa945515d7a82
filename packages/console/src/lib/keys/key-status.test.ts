import { describe, expect, it } from 'vitest';
import type { Usage } from '#lib/live/live.documents.ts';
import { keyStatus } from './key-status.ts';
import type { Key } from './keys.documents.ts';

const now = Date.parse('2026-11-23T14:31:42Z');

function usage(minute: number, limit: number | null): Usage {
  const window = { refused: 0, remaining: null, startsAt: '2026-11-23T14:31:00Z', resetsAt: '2026-11-23T14:32:00Z' };
  const free = { ...window, used: 9, limit: null };
  return { minute: { ...window, used: minute, limit }, day: free, month: free };
}

const inDays = (days: number): string => new Date(now + days * 86_400_000).toISOString();

describe('the status of a key', () => {
  it.each<[Key['status'], string | null, Usage, string, string]>([
    ['ACTIVE', null, usage(3, null), 'ok', 'Active'],
    ['ACTIVE', inDays(8), usage(3, 10), 'ok', 'Active'],
    ['ACTIVE', inDays(6.5), usage(3, null), 'near', 'Expires in 6 d'],
    ['ACTIVE', inDays(0.5), usage(3, null), 'near', 'Expires today'],
    ['ACTIVE', inDays(-0.1), usage(3, null), 'over', 'Expired'],
    ['ACTIVE', inDays(2), usage(10, 10), 'over', 'Limited'],
    ['DISABLED', inDays(2), usage(10, 10), 'paused', 'Disabled'],
    ['EXPIRED', inDays(-2), usage(0, null), 'over', 'Expired'],
    ['REVOKED', null, usage(10, 10), 'over', 'Revoked'],
  ])('%s until %s', (status, expiresAt, counts, shape, text) => {
    expect(keyStatus({ status, expiresAt }, counts, now)).toEqual({ shape, text });
  });

  it('is no longer limited once the window has ended', () => {
    expect(keyStatus({ status: 'ACTIVE', expiresAt: null }, usage(10, 10), now + 60_000).text).toBe('Active');
  });
});
