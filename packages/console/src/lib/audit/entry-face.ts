/** Entry face: what a change is called, and what differs, in words. Pure. */
import { formatCount, formatDateClock } from '#lib/format.ts';
import { m } from '#messages';
import type { Entry } from './audit.documents.ts';
import { factText, typeText } from './audit-words.ts';

export interface Difference {
  readonly name: string;
  /** null where it is new. */
  readonly from: string | null;
  /** null where it is gone. */
  readonly to: string | null;
}

export interface EntryFace {
  readonly what: string;
  readonly who: string;
  /** The differences in one line, where they are too many or too long to stand open; else null. */
  readonly gist: string | null;
  readonly differences: readonly Difference[];
}

type Facts = Readonly<Record<string, unknown>>;

const mostOpen = 2;
const longestOpen = 72;

/** What a row of the log shows. */
export function entryFace({ type, actor, subject, before, after }: Entry): EntryFace {
  const [from, to] = [factsOf(before), factsOf(after)];
  const differences = [...new Set([...Object.keys(from), ...Object.keys(to)])]
    .filter((name) => !isSaidElsewhere(name, { from, to, subject }))
    .map((name) => ({ name: factText(name), from: earlierText(name, from, to), to: valueText(name, to[name]) }))
    .filter(({ from, to }) => from !== to && !(from === null && to === m.audit_nothing()));
  return {
    what: typeText(type),
    who: actor.name ?? (actor.kind === 'SYSTEM' ? m.audit_system() : m.audit_gone()),
    gist: alertGist(type, to) ?? longGist(differences),
    differences,
  };
}

const instant = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

function factsOf(value: unknown): Facts {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}

/** The id of a plan beside its name, and the name that something new is listed by. */
function isSaidElsewhere(
  name: string,
  { from, to, subject }: { readonly from: Facts; readonly to: Facts; readonly subject: string | null },
): boolean {
  if (name === 'planId') return 'planName' in from || 'planName' in to;
  return name === 'name' && from.name === undefined && to.name === subject;
}

/** What an alert says, short. */
function alertGist(type: string, { window, threshold, limit, days, address }: Facts): string | null {
  const isUsage = type === 'usage.threshold' || type === 'usage.exceeded';
  if (isUsage && typeof window === 'string' && typeof threshold === 'number' && typeof limit === 'number') {
    return m.audit_gist_usage({ threshold, limit: formatCount(limit), window: factText(window) });
  }
  if (type === 'key.expiring' && typeof days === 'number') return m.audit_gist_days({ count: days });
  return type === 'ip.refused' && typeof address === 'string' ? address : null;
}

function longGist(differences: readonly Difference[]): string | null {
  const parts = differences.map(({ name, from, to }) => [name, from, from !== null && to !== null ? '→' : null, to]);
  const text = parts.map((part) => part.filter((one) => one !== null).join(' ')).join(' · ');
  return differences.length > mostOpen || text.length > longestOpen ? text : null;
}

/** What was there. Before an instant that is new there was none: that goes without saying. */
function earlierText(name: string, from: Facts, to: Facts): string | null {
  const isNewInstant = from[name] === null && instant.test(String(to[name]));
  return isNewInstant ? null : valueText(name, from[name]);
}

/** The window of a limit is a word of ours; what else a fact holds is shown as it is. */
function valueText(name: string, value: unknown): string | null {
  if (name === 'threshold' && typeof value === 'number') return m.audit_percent({ value });
  const text = textOf(value);
  return name === 'window' && text !== null ? factText(text) : text;
}

function textOf(value: unknown): string | null {
  if (value === undefined) return null;
  if (value === null) return m.audit_nothing();
  if (typeof value === 'number') return formatCount(value);
  if (Array.isArray(value)) return value.length === 0 ? m.audit_nothing() : value.map(textOf).join(', ');
  if (typeof value === 'object') {
    const parts = Object.entries(value).flatMap(([name, one]) =>
      one === null ? [] : [`${factText(name)} ${textOf(one)}`],
    );
    return parts.length === 0 ? m.audit_nothing() : parts.join(', ');
  }
  const text = String(value);
  return instant.test(text) ? formatDateClock(Date.parse(text)) : text;
}
