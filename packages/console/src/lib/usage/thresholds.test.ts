import { describe, expect, it } from 'vitest';
import type { Usage } from '#lib/live/live.documents.ts';
import { crossings } from './thresholds.ts';

function minute(used: number, startsAt = '2026-11-23T14:31:00Z'): Usage {
  const idle = {
    used: 0,
    refused: 0,
    limit: null,
    remaining: null,
    startsAt: '2026-11-01T00:00:00Z',
    resetsAt: startsAt,
  };
  return { minute: { ...idle, used, limit: 100, startsAt }, day: idle, month: idle };
}

describe('thresholds', () => {
  it('are told once per window, on the way up', () => {
    const first = crossings({}, minute(80));
    expect(first.sentences).toEqual(['This minute: 80% of the limit is used.']);
    expect(crossings(first.told, minute(85)).sentences).toEqual([]);
    const second = crossings(first.told, minute(90));
    expect(second.sentences).toEqual(['This minute: 90% of the limit is used.']);
  });

  it('jumped over are told as the highest', () => {
    expect(crossings({}, minute(100)).sentences).toEqual([
      'This minute: the limit is reached. Further requests are refused.',
    ]);
  });

  it('are told again in the next window', () => {
    const { told } = crossings({}, minute(80));
    expect(crossings(told, minute(3, '2026-11-23T14:32:00Z')).sentences).toEqual([]);
    expect(crossings(told, minute(80, '2026-11-23T14:32:00Z')).sentences).toHaveLength(1);
  });
});
