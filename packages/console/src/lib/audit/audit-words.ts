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
  'workspace.updated': m.audit_type_workspace_updated,
  'workspace.suspended': m.audit_type_workspace_suspended,
  'workspace.resumed': m.audit_type_workspace_resumed,
  'member.invited': m.audit_type_member_invited,
  'member.uninvited': m.audit_type_member_uninvited,
  'member.joined': m.audit_type_member_joined,
  'member.updated': m.audit_type_member_updated,
  'member.removed': m.audit_type_member_removed,
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
  role: m.audit_fact_role,
  email: m.audit_fact_email,
};

export function typeText(type: string): string {
  return typeWords[type]?.() ?? type;
}

export function factText(name: string): string {
  return factWords[name]?.() ?? name;
}
