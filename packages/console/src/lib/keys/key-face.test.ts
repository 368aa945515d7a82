import { describe, expect, it } from 'vitest';
import { firstView } from '#lib/live/ticks.ts';
import { keyFace } from './key-face.ts';
import type { Key } from './keys.documents.ts';

const at = (clock: string): number => Date.parse(`2026-11-23T${clock}Z`);

function face(lastUsedAt: string | null, usedThisMinute: number, moved: string | null) {
  const window = {
    refused: 0,
    remaining: null,
    limit: null,
    startsAt: '2026-11-23T14:31:00Z',
    resetsAt: '2026-11-23T14:32:00Z',
  };
  const usage = {
    minute: { ...window, used: usedThisMinute },
    day: { ...window, used: 9 },
    month: { ...window, used: 9 },
  };
  const key: Key = {
    id: 'key_1',
    name: 'Checkout',
    hint: 'gk_7Qm3…2C3d',
    status: 'ACTIVE',
    createdAt: '2026-11-01T00:00:00Z',
    expiresAt: null,
    lastUsedAt: lastUsedAt === null ? null : `2026-11-23T${lastUsedAt}Z`,
    lastUsedIp: lastUsedAt === null ? null : '203.0.113.7',
    createdBy: null,
    previousSecret: null,
    usage,
  };
  const now = at('14:31:42');
  const movedAt = new Map(moved === null ? [] : [[key.id, at(moved)]]);
  return keyFace(key, { now, view: { ...firstView(usage, now), movedAt } });
}

describe('the last use of a key', () => {
  it.each([
    ['never', null, 0, null, null, false, null],
    ['as the server noted it', '14:30:10', 0, null, '14:30:10', false, '203.0.113.7'],
    ['within a minute that counts calls', '14:30:10', 3, null, '14:31:00', false, '203.0.113.7'],
    ['within that minute, from wherever', '09:00:00', 3, null, '14:31:00', false, null],
    ['as it was seen to move', '14:31:05', 3, '14:31:40', '14:31:40', true, '203.0.113.7'],
    ['as it was seen to move, for the first time', null, 1, '14:31:40', '14:31:40', true, null],
    ['as noted after it was seen', '14:31:41', 3, '14:31:40', '14:31:41', false, '203.0.113.7'],
  ])('is told %s', (_how, stored, used, moved, lastUsed, isExact, address) => {
    expect(face(stored, used, moved)).toMatchObject({
      lastUsedAt: lastUsed === null ? null : at(lastUsed),
      isLastUseExact: isExact,
      lastUsedIp: address,
    });
  });
});
