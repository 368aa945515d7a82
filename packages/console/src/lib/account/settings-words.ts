/** Settings words: what parts, roles and their groups are called. */
import { m } from '#messages';
import type { Role } from './rights.ts';
import type { Part, PartGroup } from './settings-part.ts';

const groups: Readonly<Record<PartGroup, () => string>> = {
  workspace: m.settings_group_workspace,
  person: m.settings_group_person,
  instance: m.settings_group_instance,
};
const parts: Readonly<Record<Part, () => string>> = {
  workspace: m.settings_part_workspace,
  members: m.settings_part_members,
  plan: m.settings_part_plan,
  danger: m.settings_part_danger,
  appearance: m.settings_part_appearance,
  sessions: m.settings_part_sessions,
  plans: m.settings_part_plans,
  rules: m.settings_part_rules,
  workspaces: m.settings_part_workspaces,
};
const roles: Readonly<Record<Role, { name: () => string; hint: () => string }>> = {
  OWNER: { name: m.settings_role_owner, hint: m.settings_role_owner_hint },
  ADMIN: { name: m.settings_role_admin, hint: m.settings_role_admin_hint },
  MEMBER: { name: m.settings_role_member, hint: m.settings_role_member_hint },
  VIEWER: { name: m.settings_role_viewer, hint: m.settings_role_viewer_hint },
};

export const groupName = (group: PartGroup): string => groups[group]();
export const partName = (part: Part): string => parts[part]();
/** Empty for none: a role that this console does not know. */
export const roleName = (role: Role | null): string => (role === null ? '' : roles[role].name());
/** What a role may do, in a sentence. */
export const roleHint = (role: Role): string => roles[role].hint();
