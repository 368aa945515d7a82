/** Activity filter: which changes are looked at. It lives in the address. */
import { m } from '#messages';
import { typeWords } from './audit-words.ts';

export const groups = ['all', 'keys', 'members', 'workspace'] as const;
export type Group = (typeof groups)[number];

export const groupWords: Readonly<Record<Group, () => string>> = {
  all: m.audit_group_all,
  keys: m.audit_group_keys,
  members: m.audit_group_members,
  workspace: m.audit_group_workspace,
};

const prefixes: Readonly<Record<Exclude<Group, 'all'>, string>> = {
  keys: 'key.',
  members: 'member.',
  workspace: 'workspace.',
};

/** What the address asks for; what it gets wrong is everything. */
export function groupFrom(params: Pick<URLSearchParams, 'get'>): Group {
  return groups.find((group) => group === params.get('about')) ?? 'all';
}

export function activityPath(group: Group): string {
  return group === 'all' ? '/activity' : `/activity?about=${group}`;
}

/** The types of a group; null = all there are. */
export function typesOf(group: Group): string[] | null {
  return group === 'all' ? null : Object.keys(typeWords).filter((type) => type.startsWith(prefixes[group]));
}
