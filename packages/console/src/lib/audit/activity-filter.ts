/** Activity filter: which changes are looked at. It lives in the address. Pure. */
import { m } from '#messages';
import { typeWords } from './audit-words.ts';

export const groups = ['all', 'keys', 'members', 'workspace', 'webhooks', 'alerts'] as const;
export type Group = (typeof groups)[number];

export const groupWords: Readonly<Record<Group, () => string>> = {
  all: m.audit_group_all,
  keys: m.audit_group_keys,
  members: m.audit_group_members,
  workspace: m.audit_group_workspace,
  webhooks: m.audit_group_webhooks,
  alerts: m.audit_group_alerts,
};

/** What nobody did, and people want to know of. */
const alert = /^(usage\.|ip\.|key\.expir)/;
const fits: Readonly<Record<Exclude<Group, 'all'>, (type: string) => boolean>> = {
  keys: (type) => type.startsWith('key.') && !alert.test(type),
  members: (type) => type.startsWith('member.'),
  workspace: (type) => type.startsWith('workspace.'),
  webhooks: (type) => type.startsWith('webhook.'),
  alerts: (type) => alert.test(type),
};

export interface ActivityFilter {
  readonly about: Group;
  /** The person or key who changed something, by id; empty = anybody. */
  readonly by: string;
  /** First and last day on the reader's calendar, as `2026-11-23`; empty = open. */
  readonly from: string;
  readonly to: string;
}

export const noFilter: ActivityFilter = { about: 'all', by: '', from: '', to: '' };

/** What the address asks for; what it gets wrong is no filter. */
export function filterFrom(params: Pick<URLSearchParams, 'get'>): ActivityFilter {
  const dayIn = (name: string) => {
    const day = params.get(name) ?? '';
    return startOf(day, 0) === undefined ? '' : day;
  };
  return {
    about: groups.find((group) => group === params.get('about')) ?? 'all',
    by: params.get('by') ?? '',
    from: dayIn('from'),
    to: dayIn('to'),
  };
}

export function activityPath({ about, ...filter }: ActivityFilter): string {
  const params = new URLSearchParams();
  for (const [name, value] of Object.entries({ about: about === 'all' ? '' : about, ...filter })) {
    if (value !== '') params.set(name, value);
  }
  return params.size === 0 ? '/activity' : `/activity?${params}`;
}

export function isFiltered(filter: ActivityFilter): boolean {
  return activityPath(filter) !== '/activity';
}

/** The filter as the server takes it: instants for days, from the first's midnight to the one after the last. */
export function filterInput({ about, by, from, to }: ActivityFilter) {
  return {
    types: about === 'all' ? null : Object.keys(typeWords).filter(fits[about]),
    actorId: by || null,
    from: startOf(from, 0) ?? null,
    to: startOf(to, 1) ?? null,
  };
}

/** The midnight with which a day begins, so many days later; undefined for what is no day. */
function startOf(day: string, later: number): string | undefined {
  const [, year, month, date] = /^(\d{4})-(\d\d)-(\d\d)$/.exec(day)?.map(Number) ?? [];
  if (year === undefined || month === undefined || date === undefined) return undefined;
  const first = new Date(year, month - 1, date);
  if (first.getMonth() !== month - 1 || first.getDate() !== date) return undefined;
  return new Date(year, month - 1, date + later).toISOString();
}
