/** Entry face: what a change is called, and what differs, in words. Pure. */
import { formatDateClock } from '#lib/format.ts';
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

/** What a row of the log shows. */
export function entryFace({ type, actor, before, after }: Entry): EntryFace {
  const [from, to] = [factsOf(before), factsOf(after)];
  const names = [...new Set([...Object.keys(from), ...Object.keys(to)])];
  return {
    what: typeText(type),
    who: actor.name ?? (actor.kind === 'SYSTEM' ? m.audit_system() : m.audit_gone()),
    differences: names
      .map((name) => ({ name: factText(name), from: valueText(name, from[name]), to: valueText(name, to[name]) }))
      .filter(({ from, to }) => from !== to && !(from === null && to === m.audit_nothing())),
  };
}

const instant = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

function factsOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}

/** The window of a limit is a word of ours; what else a fact holds is shown as it is. */
function valueText(name: string, value: unknown): string | null {
  const text = textOf(value);
  return name === 'window' && text !== null ? factText(text) : text;
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
  const text = String(value);
  return instant.test(text) ? formatDateClock(Date.parse(text)) : text;
}
