/** Audit formats: what the log comes as: a page as JSON, or all of it as text that other programs take. */
import type { z } from 'zod';
import type { AuditEvent } from './schemas.ts';

export const auditFormats = ['json', 'ndjson', 'csv'] as const;
export type AuditFormat = (typeof auditFormats)[number];
type Event = z.infer<typeof AuditEvent>;

const formatOfType: Readonly<Record<string, AuditFormat>> = {
  'application/json': 'json',
  'application/x-ndjson': 'ndjson',
  'text/csv': 'csv',
};

/** The format that a client would rather have, of those that there are; JSON where it says nothing of them. @see RFC 9110, 12.5.1 */
export function preferredFormat(accept = ''): AuditFormat {
  const wishes = accept.split(',').map((wish) => {
    const [type = '', ...parameters] = wish.split(';').map((part) => part.trim().toLowerCase());
    const weight = parameters.find((parameter) => parameter.startsWith('q='));
    return { type, weight: weight === undefined ? 1 : Number(weight.slice(2)) };
  });
  const known = wishes.filter(({ type, weight }) => weight > 0 && Object.hasOwn(formatOfType, type));
  const [best] = known.sort((a, b) => b.weight - a.weight);
  return (best && formatOfType[best.type]) ?? 'json';
}

/** An export: its type, what it begins with, and its text of some entries. */
export interface ExportFormat {
  readonly type: string;
  readonly begin: string;
  readonly textOf: (events: readonly Event[]) => string;
}

const columns: Readonly<Record<string, (event: Event) => string | null>> = {
  id: ({ id }) => id,
  at: ({ at }) => at,
  type: ({ type }) => type,
  actor_kind: ({ actor }) => actor.kind,
  actor_id: ({ actor }) => actor.id,
  actor_name: ({ actor }) => actor.name,
  address: ({ address }) => address,
  key_id: (event) => event.key_id,
  user_id: (event) => event.user_id,
  subject: ({ subject }) => subject,
  before: ({ before }) => jsonOrNothing(before),
  after: ({ after }) => jsonOrNothing(after),
};

/** @see RFC 4180 for CSV; ndjson has an object a line */
export const exportFormats: Readonly<Record<Exclude<AuditFormat, 'json'>, ExportFormat>> = {
  ndjson: {
    type: 'application/x-ndjson; charset=utf-8',
    begin: '',
    textOf: (events) => events.map((event) => `${JSON.stringify(event)}\n`).join(''),
  },
  csv: {
    type: 'text/csv; charset=utf-8; header=present',
    begin: recordOf(Object.keys(columns)),
    textOf: (events) =>
      events.map((event) => recordOf(Object.values(columns).map((cell) => cell(event) ?? ''))).join(''),
  },
};

function recordOf(cells: readonly string[]): string {
  return `${cells.map(cellOf).join(',')}\r\n`;
}

/** A cell that a spreadsheet takes as text: what it would calculate begins with an apostrophe. */
function cellOf(text: string): string {
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

function jsonOrNothing(value: unknown): string | null {
  return value === null ? null : JSON.stringify(value);
}
