/** Key words: what the values of keys are called. Each is said by a message, in the person's language. */
import type { ManagementScope, WindowKind } from '@gatekey/shared';
import { m } from '#messages';
import type { graces } from './graces.ts';
import type { ExpiryChoice } from './key-draft.ts';
import type { KeySort } from './key-sort.ts';
import type { Key } from './keys.documents.ts';

type Words<Value extends string | number> = Readonly<Record<Value, () => string>>;

export const filterWords: Words<Key['status'] | 'all'> = {
  all: m.keys_filter_all,
  ACTIVE: m.keys_status_active,
  DISABLED: m.keys_status_disabled,
  EXPIRED: m.keys_status_expired,
  REVOKED: m.keys_status_revoked,
};

export const sortWords: Words<KeySort> = {
  '-created': m.keys_sort_newest,
  created: m.keys_sort_oldest,
  name: m.keys_sort_name,
  '-name': m.keys_sort_name_back,
  '-last_used': m.keys_sort_used,
  last_used: m.keys_sort_unused,
  expires: m.keys_sort_expires,
  '-expires': m.keys_sort_expires_back,
};

export const expiryWords: Words<Exclude<ExpiryChoice, 'keep'>> = {
  never: m.keys_expiry_never,
  d7: m.keys_expiry_d7,
  d30: m.keys_expiry_d30,
  d90: m.keys_expiry_d90,
  d365: m.keys_expiry_d365,
  date: m.keys_expiry_date,
};

export const limitWords: Words<WindowKind> = {
  minute: m.keys_limit_minute,
  day: m.keys_limit_day,
  month: m.keys_limit_month,
};

export const scopeWords: Words<ManagementScope> = {
  'keys:read': m.keys_scope_keys_read,
  'keys:write': m.keys_scope_keys_write,
  'usage:read': m.keys_scope_usage_read,
  'webhooks:read': m.keys_scope_webhooks_read,
  'webhooks:write': m.keys_scope_webhooks_write,
  'audit:read': m.keys_scope_audit_read,
  'keys:verify': m.keys_scope_keys_verify,
};

export const graceWords: Words<(typeof graces)[number]> = {
  0: m.keys_grace_none,
  3600: m.keys_grace_hour,
  86400: m.keys_grace_day,
  604800: m.keys_grace_week,
};

export const tabWords: Words<'traffic' | 'security' | 'activity'> = {
  traffic: m.keys_tab_traffic,
  security: m.keys_tab_security,
  activity: m.keys_tab_activity,
};

/** What a key has set of its own: `2 limits, 1 address`. */
export function limitsText(limits: number, addresses: number): string {
  const parts = [
    ...(limits === 0 ? [] : [m.keys_limits_count({ count: limits })]),
    ...(addresses === 0 ? [] : [m.keys_addresses_count({ count: addresses })]),
  ];
  return parts.length === 0 ? m.keys_limits_inherited() : parts.join(', ');
}

export function scopesText(count: number): string {
  return count === 0 ? m.keys_scopes_none() : m.keys_scopes_count({ count });
}
