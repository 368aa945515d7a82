/** Request filter: which requests are looked at, and which one is explained. It lives in the address. Pure. */

export const classes = ['2xx', '3xx', '4xx', '5xx'] as const;
export const methods = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'] as const;
export const codes = [
  'rate_limited',
  'quota_exceeded',
  'ip_not_allowed',
  'scope_missing',
  'key_disabled',
  'key_expired',
  'key_revoked',
  'workspace_suspended',
  'upstream_unavailable',
  'upstream_timeout',
] as const;

export interface RequestFilter {
  /** A class, as `4xx`; empty = any. The others, too. */
  readonly status: string;
  readonly code: string;
  readonly key: string;
  readonly method: string;
  readonly path: string;
  /** Only what was refused. */
  readonly refused: boolean;
}

export const noFilter: RequestFilter = { status: '', code: '', key: '', method: '', path: '', refused: false };
const longestPath = 200;

/** What the address asks for; what it gets wrong is no filter. */
export function filterFrom(params: Pick<URLSearchParams, 'get'>): RequestFilter {
  const oneOf = (name: string, values: readonly string[]) => values.find((value) => value === params.get(name)) ?? '';
  return {
    status: oneOf('status', classes),
    code: oneOf('code', codes),
    key: params.get('key') ?? '',
    method: oneOf('method', methods),
    path: (params.get('path') ?? '').slice(0, longestPath),
    refused: params.get('refused') === '1',
  };
}

/** The address of the requests with a filter, and with one of them explained. */
export function requestsPath({ refused, ...filter }: RequestFilter, id = ''): string {
  const params = new URLSearchParams();
  for (const [name, value] of Object.entries({ ...filter, refused: refused ? '1' : '', id })) {
    if (value !== '') params.set(name, value);
  }
  return params.size === 0 ? '/requests' : `/requests?${params}`;
}

export function isFiltered(filter: RequestFilter): boolean {
  return requestsPath(filter) !== '/requests';
}

/** The filter as the server takes it. */
export function filterInput({ status, code, key, method, path, refused }: RequestFilter) {
  return {
    status: status || null,
    code: code || null,
    keyId: key || null,
    method: method || null,
    path: path || null,
    refused: refused || null,
  };
}
