import { describe, expect, it } from 'vitest';
import { disabledWords, endpointFace } from './endpoint-face.ts';
import type { Endpoint } from './webhooks.documents.ts';

const now = Date.parse('2026-11-28T10:00:00.000Z');
const since = '2026-11-28T07:30:00.000Z';

describe('an endpoint', () => {
  it.each<[Endpoint['disabledReason'], string | null, string | null, string, string, RegExp | null]>([
    [null, null, null, 'ok', 'Enabled', null],
    [null, null, since, 'near', 'Failing for 3 h', null],
    [null, null, '2026-11-28T10:00:00.100Z', 'near', 'Failing for 1 s', null],
    ['ASKED', since, null, 'paused', 'Disabled', null],
    ['GONE', since, null, 'over', 'Disabled: gone', /answered 410/],
    ['FAILING', since, since, 'over', 'Disabled: failing', /5 days/],
  ])('%s, disabled %s, failing since %s: %s, %s', (disabledReason, disabledAt, failingSince, shape, text, words) => {
    const endpoint = { disabledReason, disabledAt, failingSince };
    expect(endpointFace(endpoint, now)).toEqual({ shape, text });
    const told = disabledWords(endpoint);
    if (words === null) expect(told).toBeNull();
    else expect(told).toMatch(words);
  });
});
