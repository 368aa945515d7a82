/**
 * Problems: every no that an HTTP caller can get, written once.
 *
 * Codes are public API: add freely, never rename. `type` of a problem is a URL on the instance, `/problems/<code>`.
 *
 * @see RFC 9457, contract section 4
 */

export const problems = {
  key_missing: {
    status: 401,
    title: 'No API key',
    help: 'Send the key in the header `Authorization: Bearer <secret>`.',
  },
  credential_ambiguous: {
    status: 400,
    title: 'More than one credential',
    help: 'Send exactly one: one `Authorization` header, and no session cookie beside it.',
  },
  key_invalid: {
    status: 401,
    title: 'Invalid API key',
    help: 'The secret is mistyped, cut short, or not one of this instance. Copy it again, or create a new key.',
  },
  key_revoked: { status: 401, title: 'API key revoked', help: 'Revoking is final. Create a new key.' },
  key_expired: { status: 401, title: 'API key expired', help: 'Set a later expiry on the key, or create a new one.' },
  key_disabled: { status: 401, title: 'API key disabled', help: 'Enable the key again in the console.' },
  workspace_suspended: {
    status: 401,
    title: 'Workspace suspended',
    help: 'The operator of this instance has suspended the workspace. Ask them.',
  },
  ip_not_allowed: {
    status: 403,
    title: 'Address not allowed',
    help: 'The key or its workspace allows named addresses only. Add the address you call from, or call from another.',
  },
  scope_missing: {
    status: 403,
    title: 'Scope missing',
    help: 'The key lacks the scope that is named in the answer. Add it to the key.',
  },
  rate_limited: {
    status: 429,
    title: 'Rate limit reached',
    help: 'Wait as many seconds as `Retry-After` says. The `RateLimit` header tells ahead how many calls still pass.',
  },
  quota_exceeded: {
    status: 429,
    title: 'Quota exceeded',
    help: 'The calls of the day or the month are used up. Wait until `resets_at`, or move to a larger plan.',
  },
  too_many_attempts: {
    status: 429,
    title: 'Too many attempts',
    help: 'Wait as many seconds as `Retry-After` says. After a while wrong passwords are forgotten.',
  },
  unavailable: {
    status: 503,
    title: 'Temporarily unavailable',
    help: 'Something this instance depends on does not answer. Try again shortly.',
  },
  upstream_unavailable: {
    status: 502,
    title: 'The API behind does not answer',
    help: 'The call was let in, but the API that it is for cannot be reached or broke off. Try again; tell its operator.',
  },
  upstream_timeout: {
    status: 504,
    title: 'The API behind is too slow',
    help: 'The call was let in, but the API that it is for did not begin to answer in time. It may have done its work.',
  },
  bad_request: { status: 400, title: 'Malformed request', help: 'The request cannot be read. `detail` says why.' },
  unauthenticated: { status: 401, title: 'Not signed in', help: 'Sign in, or send an API key.' },
  origin_not_allowed: {
    status: 403,
    title: 'Origin not allowed',
    help: 'A session cookie is accepted only from the pages of this instance. Programs use an API key.',
  },
  forbidden: { status: 403, title: 'Not allowed', help: 'Your role, or the scopes of your key, do not cover this.' },
  not_found: { status: 404, title: 'Not found', help: 'It does not exist, or you may not see it.' },
  method_not_allowed: {
    status: 405,
    title: 'Method not allowed',
    help: 'The path is there, but does not take this method. The header `Allow` names those that it takes.',
  },
  conflict: {
    status: 409,
    title: 'Conflict',
    help: 'The thing is in a state that does not allow this. `detail` says which.',
  },
  payload_too_large: { status: 413, title: 'Body too large', help: 'A body may have up to 100 kB.' },
  unsupported_media_type: {
    status: 415,
    title: 'Unsupported media type',
    help: 'Send `Content-Type: application/json`.',
  },
  invalid_input: {
    status: 422,
    title: 'Invalid input',
    help: 'Something in it breaks a rule. Each field that does is named, with what is wrong.',
  },
  limit_reached: { status: 422, title: 'No room for more', help: 'Delete what is no longer needed, then try again.' },
  internal_error: {
    status: 500,
    title: 'Internal error',
    help: 'The fault is ours. Tell the operator the `request_id`; the log knows it.',
  },
} as const satisfies Record<string, { status: number; title: string; help: string }>;

export type ProblemCode = keyof typeof problems;

/** The codes with which the guard refuses a call. */
export type RefusalCode =
  | 'key_missing'
  | 'credential_ambiguous'
  | 'key_invalid'
  | 'key_revoked'
  | 'key_expired'
  | 'key_disabled'
  | 'workspace_suspended'
  | 'ip_not_allowed'
  | 'scope_missing'
  | 'rate_limited'
  | 'quota_exceeded'
  | 'unavailable';

/** Whether a text is a problem code. */
export function isProblemCode(text: string): text is ProblemCode {
  return Object.hasOwn(problems, text);
}
