import { describe, expect, it } from 'vitest';
import { loginPath } from './login-path.ts';
import { safeNextPath } from './next-path.ts';

const origin = 'http://127.0.0.1:4000';

describe('the path after signing in', () => {
  it.each([
    ['/keys', '/keys'],
    ['/keys?new', '/keys?new'],
    [null, '/'],
    ['', '/'],
    ['keys', '/'],
    ['https://evil.example', '/'],
    ['//evil.example', '/'],
    ['/\\evil.example', '/'],
    ['/\t/evil.example', '/'],
    ['javascript:alert(1)', '/'],
    ['/..//evil.example', '/'],
  ])('from %j is %j', (next, path) => {
    expect(new URL(safeNextPath(next, origin), origin).origin).toBe(origin);
    expect(safeNextPath(next, origin)).toBe(path);
  });

  it('comes back out of the address it was put in', () => {
    const address = new URL(loginPath('/keys?search=a b&status=ACTIVE'), origin);
    expect(safeNextPath(address.searchParams.get('next'), origin)).toBe('/keys?search=a%20b&status=ACTIVE');
  });
});
