/** Activity filter: which changes are looked at. It lives in the address. Pure. */
import { m } from '#messages';
import { typeWords } from './audit-words.ts';

export const groups = ['all', 'keys', 'members', 'workspace', 'webhooks', 'alerts'] as const;
export type Group = (typeof groups)[number];
export const spans = ['all', 'day', 'week', 'month', 'quarter'] as const;
export type Span = (typeof spans)[number];

export interface ActivityFilter {
  readonly about: Group;
  /** `people`, `keys`, `system`, or the id of a person or key; empty = anybody. */
  readonly by: string;
  /** How far back. */
  readonly since: Span;
}

export const noFilter: ActivityFilter = { about: 'all', by: '', since: 'all' };

export const groupWords: Readonly<Record<Group, () => string>> = {
  all: m.audit_group_all,
  keys: m.audit_group_keys,
  members: m.audit_group_members,
  workspace: m.audit_group_workspace,
  webhooks: m.audit_group_webhooks,
  alerts: m.audit_group_alerts,
};

export const spanWords: Readonly<Record<Span, () => string>> = {
  all: m.audit_since_all,
  day: m.audit_since_day,
  week: m.audit_since_week,
  month: m.audit_since_month,
  quarter: m.audit_since_quarter,
};

const prefixes: Readonly<Record<Exclude<Group, 'all'>, readonly string[]>> = {
  keys: ['key.'],
  members: ['member.'],
  workspace: ['workspace.'],
  webhooks: ['webhook.'],
  alerts: ['usage.', 'ip.', 'key.expir'],
};

const spanDays: Readonly<Record<Exclude<Span, 'all'>, number>> = { day: 1, week: 7, month: 30, quarter: 90 };
const dayMs = 86_400_000;

/** Those who make changes, by the word of the address. */
const actorKinds = { people: 'USER', keys: 'KEY', system: 'SYSTEM' } as const;
const actorId = /^[\w-]{1,64}$/;

/** What the address asks for; what it gets wrong is no filter. */
export function filterFrom(params: Pick<URLSearchParams, 'get'>): ActivityFilter {
  const by = params.get('by') ?? '';
  return {
    about: groups.find((group) => group === params.get('about')) ?? 'all',
    by: actorId.test(by) ? by : '',
    since: spans.find((span) => span === params.get('since')) ?? 'all',
  };
}

/** The address of the log with a filter. */
export function activityPath({ about, by, since }: ActivityFilter): string {
  const params = new URLSearchParams();
  if (about !== 'all') params.set('about', about);
  if (by !== '') params.set('by', by);
  if (since !== 'all') params.set('since', since);
  return params.size === 0 ? '/activity' : `/activity?${params}`;
}

export function isFiltered(filter: ActivityFilter): boolean {
  return activityPath(filter) !== '/activity';
}

/** The filter as the server takes it; null = all there are. @param now  epoch ms of the server's clock */
export function filterInput({ about, by, since }: ActivityFilter, now: number) {
  const actorKind = Object.entries(actorKinds).find(([word]) => word === by)?.[1] ?? null;
  return {
    types: about === 'all' ? null : typesOf(prefixes[about]),
    actorKind,
    actorId: actorKind === null && by !== '' ? by : null,
    from: since === 'all' ? null : new Date(now - spanDays[since] * dayMs).toISOString(),
  };
}

export type FilterInput = ReturnType<typeof filterInput>;

function typesOf(starts: readonly string[]): string[] {
  return Object.keys(typeWords).filter((type) => starts.some((start) => type.startsWith(start)));
}
