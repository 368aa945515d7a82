import { describe, expect, it } from 'vitest';
import { createHeard } from './heard.ts';
import type { Key } from './keys.documents.ts';

const key: Key = {
  id: 'key_1',
  name: 'Checkout',
  hint: 'gk_7Qm3…x0Ol',
  status: 'ACTIVE',
  createdAt: '2026-11-23T10:00:00.000Z',
  expiresAt: null,
  lastUsedAt: null,
  lastUsedIp: null,
  createdBy: null,
  previousSecret: null,
  usage: { minute: meter(), day: meter(), month: meter() },
};

function meter(): Key['usage']['minute'] {
  const window = { startsAt: '2026-11-23T10:00:00.000Z', resetsAt: '2026-11-23T10:01:00.000Z' };
  return { used: 0, refused: 0, limit: null, remaining: null, ...window };
}

describe('what was heard of a key', () => {
  it('while an answer was on its way, is newer than the answer', () => {
    const heard = createHeard();
    const mark = heard.mark();
    heard.hear({ keyId: key.id, kind: 'DISABLED', key: { ...key, status: 'DISABLED' } });
    expect(heard.since(key.id, mark)?.status).toBe('DISABLED');
    expect(heard.since(key.id, heard.mark())).toBeUndefined();
    expect(heard.since('key_2', mark)).toBeUndefined();
  });

  it('can be that it is gone, for good', () => {
    const heard = createHeard();
    const mark = heard.mark();
    heard.hear({ keyId: key.id, kind: 'DELETED', key: null });
    expect(heard.since(key.id, mark)).toBeNull();
    expect(heard.isGone(key.id)).toBe(true);
  });

  it.each([
    ['CREATED', key, true],
    ['DELETED', null, true],
    ['UPDATED', key, false],
  ] as const)('%s means that a list may lack one: %s', (kind, now, comesOrGoes) => {
    const heard = createHeard();
    const mark = heard.mark();
    heard.hear({ keyId: key.id, kind, key: now });
    expect(heard.cameOrWent(mark)).toBe(comesOrGoes);
    expect(heard.cameOrWent(heard.mark())).toBe(false);
  });
});
