import { describe, expect, it } from 'vitest';
import { formatDateClock } from '#lib/format.ts';
import { logged } from './logged.test-data.ts';
import { codeText, durationText, reasonOf, shapeOf } from './request-face.ts';
import type { Logged } from './requests.documents.ts';

const at = '2026-11-23T12:00:00.000Z';
const time = formatDateClock(Date.parse(at));
const nothing = { scope: null, allowlistOf: null, since: null, limit: null };
const limit = { owner: 'KEY', window: 'MINUTE', quota: 1_500, resetsAt: at } as const;

describe('the reason of a request', () => {
  it.each<[string, Partial<Logged>, string, string | null, string | undefined]>([
    [
      'a limit of the key',
      { status: 429, code: 'rate_limited', refusal: { ...nothing, limit } },
      'All 1,500 calls a minute of this key were used up.',
      `Calls pass again from ${time} on. To have more, raise the limit of the key.`,
      '/keys/key_1?tab=security',
    ],
    [
      'a limit of the plan',
      {
        status: 429,
        code: 'quota_exceeded',
        refusal: { ...nothing, limit: { ...limit, owner: 'WORKSPACE', window: 'DAY' } },
      },
      'All 1,500 calls a day of the plan were used up by the keys of this workspace.',
      `Calls pass again from ${time} on. To have more, move to a larger plan.`,
      '/settings',
    ],
    [
      'an address',
      { status: 403, code: 'ip_not_allowed', refusal: { ...nothing, allowlistOf: 'WORKSPACE' } },
      'It came from 203.0.113.7, which the allowlist of the workspace does not have.',
      'Add 203.0.113.7 to that allowlist, or call from an address that is on it.',
      '/security',
    ],
    [
      'a scope',
      { status: 403, code: 'scope_missing', refusal: { ...nothing, scope: 'orders:read' } },
      'It needs the scope orders:read, which the key lacked.',
      'Add orders:read to the scopes of the key.',
      '/keys/key_1?tab=security',
    ],
    [
      'a disabled key',
      { status: 401, code: 'key_disabled', refusal: { ...nothing, since: at } },
      `The key was disabled on ${time}.`,
      'Enable the key again.',
      '/keys/key_1',
    ],
    [
      'the API behind',
      { status: 418 },
      'The guard let it in; the API behind answered 418 itself.',
      'Look at the API behind: its answer was passed on as it was.',
      undefined,
    ],
    [
      'a problem of the call',
      { status: 422, code: 'invalid_input' },
      'The guard let it in; the call itself could not be done (invalid_input).',
      'The page of this code says what it means.',
      '/problems/invalid_input',
    ],
    ['nothing', {}, 'The key was valid, and every limit had room.', null, undefined],
  ])('of %s', (_what, given, why, mend, href) => {
    const reason = reasonOf(logged('req_1', given));
    expect([reason.why, reason.mend, reason.link?.href]).toEqual([why, mend, href]);
  });
});

describe('a row of requests', () => {
  it('shows a limit as over, another no as near, and what passed as ok', () => {
    const shapes = [{ status: 429, code: 'rate_limited' }, { status: 403, code: 'scope_missing' }, { status: 500 }, {}];
    expect(shapes.map((given) => shapeOf(logged('req_1', given)))).toEqual(['over', 'near', 'near', 'ok']);
  });

  it('says a code in words, one that is not known as it is, and a duration as exactly as it matters', () => {
    expect([codeText('ip_not_allowed'), codeText('new_code')]).toEqual(['Address not allowed', 'new_code']);
    expect([0.4, 12.6, 1_234].map((durationMs) => durationText(logged('req_1', { durationMs })))).toEqual([
      ...['0.4 ms', '13 ms', '1,234 ms'],
    ]);
  });
});
