/** Audit words: what the log calls a change, and what can differ. What is not known here is called as the server calls it. */
import { m } from '#messages';

type Words = Readonly<Record<string, () => string>>;

export const typeWords: Words = {
  'key.created': m.audit_type_key_created,
  'key.updated': m.audit_type_key_updated,
  'key.enabled': m.audit_type_key_enabled,
  'key.disabled': m.audit_type_key_disabled,
  'key.revoked': m.audit_type_key_revoked,
  'key.rotated': m.audit_type_key_rotated,
  'key.deleted': m.audit_type_key_deleted,
  'key.expiring': m.audit_type_key_expiring,
  'key.expired': m.audit_type_key_expired,
  'workspace.updated': m.audit_type_workspace_updated,
  'workspace.suspended': m.audit_type_workspace_suspended,
  'workspace.resumed': m.audit_type_workspace_resumed,
  'member.invited': m.audit_type_member_invited,
  'member.uninvited': m.audit_type_member_uninvited,
  'member.joined': m.audit_type_member_joined,
  'member.updated': m.audit_type_member_updated,
  'member.removed': m.audit_type_member_removed,
  'webhook.created': m.audit_type_webhook_created,
  'webhook.updated': m.audit_type_webhook_updated,
  'webhook.enabled': m.audit_type_webhook_enabled,
  'webhook.disabled': m.audit_type_webhook_disabled,
  'webhook.rotated': m.audit_type_webhook_rotated,
  'webhook.deleted': m.audit_type_webhook_deleted,
  'usage.threshold': m.audit_type_usage_threshold,
  'usage.exceeded': m.audit_type_usage_exceeded,
  'ip.refused': m.audit_type_ip_refused,
};

const factWords: Words = {
  name: m.audit_fact_name,
  hint: m.audit_fact_hint,
  scopes: m.audit_fact_scopes,
  ipAllowlist: m.audit_fact_ip_allowlist,
  limits: m.audit_fact_limits,
  minute: m.audit_fact_minute,
  day: m.audit_fact_day,
  month: m.audit_fact_month,
  metadata: m.audit_fact_metadata,
  expiresAt: m.audit_fact_expires_at,
  disabledAt: m.audit_fact_disabled_at,
  revokedAt: m.audit_fact_revoked_at,
  suspendedAt: m.audit_fact_suspended_at,
  previousSecretEndsAt: m.audit_fact_previous_secret_ends_at,
  planId: m.audit_fact_plan_id,
  planName: m.audit_fact_plan_id,
  role: m.audit_fact_role,
  email: m.audit_fact_email,
  url: m.audit_fact_url,
  description: m.audit_fact_description,
  events: m.audit_fact_events,
  window: m.audit_fact_window,
  threshold: m.audit_fact_threshold,
  used: m.audit_fact_used,
  limit: m.audit_fact_limit,
  startsAt: m.audit_fact_starts_at,
  resetsAt: m.audit_fact_resets_at,
  days: m.audit_fact_days,
  address: m.audit_fact_address,
  refusedAt: m.audit_fact_refused_at,
};

export function typeText(type: string): string {
  return typeWords[type]?.() ?? type;
}

export function factText(name: string): string {
  return factWords[name]?.() ?? name;
}
