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
  readonly differences: readonly Difference[];
}

/** How plans are called, by id. */
export type PlanNames = ReadonlyMap<string, string>;

/** What a row of the log shows. */
export function entryFace({ type, actor, subject, before, after }: Entry, plans: PlanNames = new Map()): EntryFace {
  const [from, to] = [factsOf(before), shortFacts(factsOf(after))];
  const valueText = (name: string, value: unknown) =>
    (name === 'planId' ? plans.get(String(value)) : undefined) ?? textOf(value);
  const names = [...new Set([...Object.keys(from), ...Object.keys(to)])];
  return {
    what: typeText(type),
    who: actor.name ?? (actor.kind === 'SYSTEM' ? m.audit_system() : m.audit_gone()),
    differences: names
      // The row says already how something new is called.
      .filter((name) => name !== 'name' || from[name] !== undefined || to[name] !== subject)
      .map((name) => ({ name: factText(name), from: valueText(name, from[name]), to: valueText(name, to[name]) }))
      .filter(({ from, to }) => from !== to && !(from === null && to === m.audit_nothing())),
  };
}

const instant = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

function factsOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}

/** Counts of a limit as one fact, under the name of its window. */
function shortFacts(facts: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const { window, threshold, used, limit, startsAt, resetsAt, ...others } = facts;
  if (typeof window === 'string' && typeof used === 'number' && typeof limit === 'number') {
    const percent = String(threshold);
    return { ...others, [window]: m.audit_usage({ percent, used: formatCount(used), limit: formatCount(limit) }) };
  }
  return facts;
}

function textOf(value: unknown): string | null {
  if (value === undefined) return null;
  if (value === null) return m.audit_nothing();
  if (Array.isArray(value)) return value.length === 0 ? m.audit_nothing() : value.join(', ');
  if (typeof value === 'object') {
    const parts = Object.entries(value).flatMap(([name, one]) =>
      one === null ? [] : [`${factText(name)} ${textOf(one)}`],
    );
    return parts.length === 0 ? m.audit_nothing() : parts.join(', ');
  }
  if (typeof value === 'number') return formatCount(value);
  const text = String(value);
  return instant.test(text) ? formatDateClock(Date.parse(text)) : text;
}
