/** Request face: what a request is called and why it ended so, in words. Pure. */
import { formatCount, formatDateClock } from '#lib/format.ts';
import { m } from '#messages';
import type { Logged } from './requests.documents.ts';

const codeWords: Readonly<Record<string, () => string>> = {
  key_revoked: m.requests_code_key_revoked,
  key_expired: m.requests_code_key_expired,
  key_disabled: m.requests_code_key_disabled,
  workspace_suspended: m.requests_code_workspace_suspended,
  ip_not_allowed: m.requests_code_ip_not_allowed,
  scope_missing: m.requests_code_scope_missing,
  rate_limited: m.requests_code_rate_limited,
  quota_exceeded: m.requests_code_quota_exceeded,
  upstream_unavailable: m.requests_code_upstream_unavailable,
  upstream_timeout: m.requests_code_upstream_timeout,
};

/** A code in words; one that is not known here as it is. */
export function codeText(code: string): string {
  return codeWords[code]?.() ?? code;
}

/** Amber and vermilion are for limits alone; other noes have a shape. */
export function shapeOf({ status, code }: Logged): 'ok' | 'near' | 'over' {
  if (code === 'rate_limited' || code === 'quota_exceeded') return 'over';
  return status < 400 ? 'ok' : 'near';
}

/** `0.4 ms`, `120 ms` */
export function durationText({ durationMs }: Logged): string {
  return m.requests_milliseconds({ count: formatCount(durationMs < 10 ? durationMs : Math.round(durationMs)) });
}

interface Link {
  readonly href: string;
  readonly label: string;
}
interface Reason {
  readonly why: string;
  /** null where there is nothing to mend. */
  readonly mend: string | null;
  /** Where it is mended. */
  readonly link?: Link;
}

/** Why a request ended so, and what to do about it. */
export function reasonOf(request: Logged): Reason {
  const { status, code, refusal } = request;
  if (refusal !== null && code !== null) return refusalReason(request, refusal);
  if (code === 'upstream_unavailable' || code === 'upstream_timeout') {
    return { why: m.requests_why_upstream(), mend: m.requests_mend_upstream() };
  }
  if (code !== null)
    return { why: m.requests_why_problem({ code }), mend: m.requests_mend_problem(), link: codeLink(code) };
  if (status < 400) return { why: m.requests_why_ok(), mend: null };
  return { why: m.requests_why_behind({ status }), mend: m.requests_mend_behind() };
}

function refusalReason(
  { code, address, keyId }: Logged,
  { limit, allowlistOf, scope, since }: NonNullable<Logged['refusal']>,
): Reason {
  const security = (label: string) => ({ href: `/keys/${keyId}?tab=security`, label });
  if (limit) return limitReason(limit, security(m.requests_link_limits()));
  if (allowlistOf) {
    const mend = m.requests_mend_ip({ address });
    return allowlistOf === 'KEY'
      ? { why: m.requests_why_ip_key({ address }), mend, link: security(m.requests_link_list()) }
      : {
          why: m.requests_why_ip_workspace({ address }),
          mend,
          link: { href: '/security', label: m.requests_link_list() },
        };
  }
  if (scope) {
    return {
      why: m.requests_why_scope({ scope }),
      mend: m.requests_mend_scope({ scope }),
      link: security(m.requests_link_scopes()),
    };
  }
  const time = since ? formatDateClock(Date.parse(since)) : '';
  const link = { href: `/keys/${keyId}`, label: m.requests_link_key() };
  switch (code) {
    case 'key_revoked':
      return { why: m.requests_why_revoked({ time }), mend: m.requests_mend_revoked(), link };
    case 'key_expired':
      return { why: m.requests_why_expired({ time }), mend: m.requests_mend_expired(), link };
    case 'key_disabled':
      return { why: m.requests_why_disabled({ time }), mend: m.requests_mend_disabled(), link };
    default:
      return { why: m.requests_why_suspended(), mend: m.requests_mend_suspended() };
  }
}

function limitReason(limit: NonNullable<NonNullable<Logged['refusal']>['limit']>, toKey: Link): Reason {
  const quota = formatCount(limit.quota);
  const windows = { MINUTE: m.requests_window_minute, DAY: m.requests_window_day, MONTH: m.requests_window_month };
  const window = windows[limit.window]();
  const time = formatDateClock(Date.parse(limit.resetsAt));
  if (limit.owner === 'KEY') {
    return { why: m.requests_why_limit_key({ quota, window }), mend: m.requests_mend_limit_key({ time }), link: toKey };
  }
  return {
    why: m.requests_why_limit_plan({ quota, window }),
    mend: m.requests_mend_limit_plan({ time }),
    link: { href: '/settings', label: m.requests_link_plan() },
  };
}

/** The page of this instance that explains a code. */
export function codeLink(code: string): Link {
  return { href: `/problems/${code}`, label: m.requests_link_code({ code }) };
}
