import { describe, expect, it } from 'vitest';
import { filterFrom, filterInput, isFiltered, noFilter, requestsPath } from './request-filter.ts';

describe('the filter of requests', () => {
  it.each([
    ['', '/requests'],
    ['status=4xx', '/requests?status=4xx'],
    ['status=hello&method=FETCH&code=nothing', '/requests'],
    ['path=%2Fapi%2Fv1&key=key_1&method=GET', '/requests?key=key_1&method=GET&path=%2Fapi%2Fv1'],
    ['refused=1&code=rate_limited', '/requests?code=rate_limited&refused=1'],
    ['refused=yes', '/requests'],
  ])('in the address ?%s is %s', (search, path) => {
    const filter = filterFrom(new URLSearchParams(search));
    expect(requestsPath(filter)).toBe(path);
    expect(isFiltered(filter)).toBe(path !== '/requests');
  });

  it('stays beside the request that is explained', () => {
    expect(requestsPath({ ...noFilter, status: '4xx' }, 'req_1')).toBe('/requests?status=4xx&id=req_1');
  });

  it('is told to the server without what is empty', () => {
    expect(filterInput({ ...noFilter, status: '5xx', refused: true })).toEqual({
      ...{ status: '5xx', code: null, keyId: null, method: null, path: null, refused: true },
    });
  });
});
