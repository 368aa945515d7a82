import { describe, expect, it } from 'vitest';
import { packEntry, tellablePath, unpackEntry } from './entry.ts';
import { explain } from './explanation.ts';
import { entry } from './request-log.contract.ts';

const secret = `gk_${'a1B2'.repeat(9)}`;

describe('the path of a logged request', () => {
  it.each([
    ['/api/v1/ping', '/api/v1/ping'],
    ['/orders?page=2&sort=up', '/orders?page=…&sort=…'],
    ['/orders?page=', '/orders?page=…'],
    ['/orders?token', '/orders?…'],
    ['/orders?a=b=c&&d', '/orders?a=…&…&…'],
    [`/keys/${secret}`, '/keys/gk_[redacted]'],
    [`/orders?${secret}=1`, '/orders?gk_[redacted]=…'],
    ['/of/http://ada:word@host/', '/of/http://ada:[redacted]@host/'],
  ])('of %s is %s', (url, path) => expect(tellablePath(url)).toBe(path));

  it('is bounded', () => {
    expect(tellablePath(`/${'x'.repeat(5_000)}`)).toHaveLength(256);
    expect(tellablePath(`/a?${'b=secret&'.repeat(5_000)}`).length).toBeLessThanOrEqual(256);
    expect(tellablePath(`/a?${'b=secret&'.repeat(5_000)}`)).not.toContain('secret');
    expect(tellablePath(`/a?b=${'x'.repeat(1_000)}&${secret}=1`)).toBe('/a?b=…');
  });
});

describe('an entry', () => {
  it('is the same after a store', () => {
    const refused = entry('req_1', { status: 403, code: 'scope_missing', refusal: { scope: 'orders:read' } });
    expect(unpackEntry(packEntry(refused))).toEqual(refused);
    expect(unpackEntry('["of another version"]')).toBeUndefined();
  });
});

describe('an explanation', () => {
  const resetsAt = Date.UTC(2026, 10, 23, 12);
  const why = (more: Parameters<typeof entry>[1]) => {
    const { why, mend } = explain(entry('req_1', more));
    return [why, mend];
  };

  it('names the limit, its number and when it resets', () => {
    const limit = { window: 'minute', quota: 60, resetsAt } as const;
    const limited = { status: 429, code: 'rate_limited' } as const;
    expect(why({ ...limited, refusal: { limit: { ...limit, subject: 'key' } } })).toEqual([
      'All 60 calls a minute of the key (`key-minute`) were used up.',
      'Calls pass again from 2026-11-23T12:00:00.000Z on. To have more, raise the limit of the key.',
    ]);
    expect(why({ ...limited, refusal: { limit: { ...limit, subject: 'workspace' } } })[1]).toContain('a larger plan');
  });

  it('names the address and whose list lacks it, the scope, and since when a key is over', () => {
    expect(why({ status: 403, code: 'ip_not_allowed', refusal: { list: 'workspace' } })).toEqual([
      'It came from 203.0.113.7, which the allowlist of the workspace does not have.',
      'Add 203.0.113.7 to the allowlist of the workspace, or call from an address that is on it.',
    ]);
    expect(why({ status: 403, code: 'scope_missing', refusal: { scope: 'orders:read' } })).toEqual([
      'It needs the scope orders:read, which the key lacked.',
      'Add orders:read to the scopes of the key.',
    ]);
    expect(why({ status: 401, code: 'key_expired', refusal: { since: resetsAt } })).toEqual([
      'API key expired, since 2026-11-23T12:00:00.000Z.',
      'Set a later expiry on the key, or create a new one.',
    ]);
  });

  it('tells what was let in from what was refused, and the answer of the API behind from ours', () => {
    expect(explain(entry('req_1'))).toEqual({
      what: 'GET /api/v1/ping was let in and answered with 200 after 1.5 ms. It counted as one call.',
      why: 'The key was valid, and every limit had room.',
      mend: null,
    });
    expect(why({ status: 502, code: 'upstream_unavailable' })[0]).toBe('The API behind does not answer.');
    expect(why({ status: 418 })[0]).toBe('The guard let it in; the API behind answered 418 itself.');
  });
});
