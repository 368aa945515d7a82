/** Audit formats: what the log comes as: a page as JSON, or all of it as text that other programs take. */
import { stringify } from 'csv-stringify/sync';
import type { z } from 'zod';
import type { AuditEvent, auditFormats } from './schemas.ts';

export type AuditFormat = (typeof auditFormats)[number];
/** By media type, the one that is usual first. */
export const auditTypes: ReadonlyMap<string, AuditFormat> = new Map([
  ['application/json', 'json'],
  ['application/x-ndjson', 'ndjson'],
  ['text/csv', 'csv'],
]);

type Event = z.infer<typeof AuditEvent>;

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
  endpoint_id: (event) => event.endpoint_id,
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
    begin: csvOf([Object.keys(columns)]),
    textOf: (events) => csvOf(events.map((event) => Object.values(columns).map((cell) => cell(event)))),
  },
};

/** Records whose cells a spreadsheet takes as text: what it would calculate begins with an apostrophe. */
function csvOf(records: readonly (readonly (string | null)[])[]): string {
  return stringify([...records], { record_delimiter: 'windows', escape_formulas: true });
}

function jsonOrNothing(value: unknown): string | null {
  return value === null ? null : JSON.stringify(value);
}
