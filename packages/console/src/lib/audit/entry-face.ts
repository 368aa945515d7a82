/** Entry face: what a change is called, and what differs, in words. Pure. */
import { formatDateClock } from '#lib/format.ts';
import { audit as words } from '#lib/messages/audit.ts';
import type { Entry } from './audit.documents.ts';

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
    what: words.types[type] ?? type,
    who: actor.name ?? (actor.kind === 'SYSTEM' ? words.system : words.gone),
    differences: names
      .map((name) => ({ name: words.facts[name] ?? name, from: textOf(from[name]), to: textOf(to[name]) }))
      .filter(({ from, to }) => from !== to && !(from === null && to === words.nothing)),
  };
}

const instant = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

function factsOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}

function textOf(value: unknown): string | null {
  if (value === undefined) return null;
  if (value === null) return words.nothing;
  if (Array.isArray(value)) return value.length === 0 ? words.nothing : value.join(', ');
  if (typeof value === 'object') {
    const parts = Object.entries(value).flatMap(([name, one]) =>
      one === null ? [] : [`${words.facts[name] ?? name} ${textOf(one)}`],
    );
    return parts.length === 0 ? words.nothing : parts.join(', ');
  }
  const text = String(value);
  return instant.test(text) ? formatDateClock(Date.parse(text)) : text;
}
