/** What the OpenAPI document tells of answers that no single operation decides on: problems, and the fields of a head. */
import { type ProblemCode, problems } from '@gatekey/shared';
import { type Description, nothing } from './operation.ts';

const guardProblems: readonly ProblemCode[] = [
  'credential_ambiguous',
  'key_missing',
  'key_invalid',
  'key_revoked',
  'key_expired',
  'key_disabled',
  'workspace_suspended',
  'ip_not_allowed',
  'unavailable',
];
const limitProblems: readonly ProblemCode[] = ['rate_limited', 'quota_exceeded'];
const bodyProblems: readonly ProblemCode[] = ['bad_request', 'payload_too_large', 'unsupported_media_type'];

/** Every problem that an operation may answer. */
export function problemsOf({ path, scope, isFree, query, body, problems: own = [] }: Description): ProblemCode[] {
  const takesInput = query !== nothing || body !== nothing;
  const codes: readonly ProblemCode[] = [
    ...guardProblems,
    ...(scope === undefined ? [] : (['scope_missing'] as const)),
    ...(isFree ? [] : limitProblems),
    ...(body === nothing ? [] : bodyProblems),
    ...(takesInput ? (['invalid_input'] as const) : []),
    ...(path.includes(':id') ? (['not_found'] as const) : []),
    ...own,
    'internal_error',
  ];
  return [...new Set(codes)];
}

const limitFields = [
  'RateLimit-Policy',
  'RateLimit',
  'X-RateLimit-Limit',
  'X-RateLimit-Remaining',
  'X-RateLimit-Reset',
];
const always = ['Request-Id', 'Gatekey-Decision'];

/** The fields of the head of an answer that is no problem. @param own  what it has beside those of all */
export function successHeaders(own: readonly string[] = []) {
  return refsTo([...always, ...limitFields, 'Gatekey-Secret-Expires', ...own]);
}

/** The fields of the head of a problem: those of the limits wherever the call was counted or refused by them. */
export function problemHeaders(status: number) {
  const isOfGuard = [401, 403, 503].includes(status);
  return refsTo([
    ...always,
    ...(isOfGuard ? [] : limitFields),
    ...(status === 401 || status === 403 ? ['WWW-Authenticate'] : []),
    ...(status === 429 || status === 503 ? ['Retry-After'] : []),
  ]);
}

function refsTo(names: readonly string[]) {
  return Object.fromEntries(names.map((name) => [name, { $ref: `#/components/headers/${name}` }]));
}

const text = (description: string, example: string) => ({ description, schema: { type: 'string' }, example });
const count = (description: string, example: number) => ({ description, schema: { type: 'integer' }, example });

/** The fields by name, as components. */
export const headers = {
  'Request-Id': text('What the log knows the request by.', 'req_01kb3w8z8n5x2q7r9t4v6y0a1c'),
  'Gatekey-Decision': text('`admitted`, or the code of the guard’s no.', 'admitted'),
  'RateLimit-Policy': text(
    'Every limit: calls `q` a window of `w` seconds.',
    '"minute";q=60;w=60, "day";q=5000;w=86400',
  ),
  RateLimit: text('What is left of each: `r` calls, for `t` seconds.', '"minute";r=12;t=18, "day";r=4210;t=31822'),
  'X-RateLimit-Limit': count('Calls in the window of the tightest limit.', 60),
  'X-RateLimit-Remaining': count('Exactly that many more calls pass it.', 12),
  'X-RateLimit-Reset': count('When its next window begins, in Unix seconds.', 1_795_429_020),
  'Retry-After': count('Seconds to wait: whoever does is not refused by the same window again.', 18),
  'WWW-Authenticate': text(
    'Why the credential does not do (RFC 6750).',
    'Bearer realm="gatekey", error="invalid_token"',
  ),
  'Gatekey-Secret-Expires': text(
    'Only with the old secret of a rotation: when it ends.',
    'Tue, 24 Nov 2026 10:36:28 GMT',
  ),
  Vary: text('What the answer depends on.', 'Accept'),
  'Idempotent-Replayed': text('The same create has made the key before.', 'true'),
  Location: text('Where the new key is.', '/api/v1/keys/key_01kb3w8z8n5x2q7r9t4v6y0a1c'),
};

/** A problem as it may look. */
export function exampleOf(code: ProblemCode, publicUrl: string) {
  const { status, title, help } = problems[code];
  return {
    type: `${publicUrl}/problems/${code}`,
    title,
    status,
    detail: help,
    code,
    request_id: headers['Request-Id'].example,
    ...(code === 'invalid_input' ? { errors: [{ path: 'limits.minute', message: 'A limit is a whole number.' }] } : {}),
    ...(limitProblems.includes(code)
      ? {
          window: code === 'rate_limited' ? 'minute' : 'day',
          limit: 60,
          resets_at: '2026-11-23T10:37:00.000Z',
          retry_after: 18,
        }
      : {}),
  };
}
