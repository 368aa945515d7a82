/**
 * Export: the entries that fit a filter as CSV, made here from the pages of the log.
 *
 * The API's own export needs a key; a page is asked with the session. A cell that a spreadsheet would calculate begins with
 * an apostrophe, as there.
 */
import type { Ask } from '#lib/live/ask.ts';
import type { filterInput } from './activity-filter.ts';
import { ActivityQuery, type Entry } from './audit.documents.ts';

const pageSize = 100;
/** More than that is for the API, which has no bound. */
const mostEntries = 10_000;

export type Exported =
  | { readonly ok: true; readonly csv: string; readonly count: number; readonly isWhole: boolean }
  | { readonly ok: false; readonly message: string };

type Filter = ReturnType<typeof filterInput>;

/** Asks for all pages, one after the other. */
export async function exportActivity(ask: Ask, filter: Filter): Promise<Exported> {
  const entries: Entry[] = [];
  let after: string | null = null;
  do {
    const page: Page = await pageAfter(ask, filter, after);
    if (!page.ok) return page;
    entries.push(...page.entries);
    after = page.next;
  } while (after !== null && entries.length < mostEntries);
  return { ok: true, csv: csvOf(entries), count: entries.length, isWhole: after === null };
}

type Page =
  | { readonly ok: true; readonly entries: readonly Entry[]; readonly next: string | null }
  | { readonly ok: false; readonly message: string };

async function pageAfter(ask: Ask, filter: Filter, after: string | null): Promise<Page> {
  const answer = await ask(ActivityQuery, { first: pageSize, after, keyId: null, ...filter });
  if (!answer.ok) return { ok: false, message: answer.trouble.message };
  const log = answer.data.workspace?.auditEvents;
  const next = log?.pageInfo.hasNextPage === true ? log.pageInfo.endCursor : null;
  return { ok: true, entries: log?.edges.map(({ node }) => node) ?? [], next };
}

const columns: Readonly<Record<string, (entry: Entry) => string | null>> = {
  id: ({ id }) => id,
  at: ({ at }) => at,
  type: ({ type }) => type,
  actor_kind: ({ actor }) => actor.kind.toLowerCase(),
  actor_id: ({ actor }) => actor.id,
  actor_name: ({ actor }) => actor.name,
  address: ({ address }) => address,
  subject: ({ subject }) => subject,
  before: ({ before }) => jsonOrNothing(before),
  after: ({ after }) => jsonOrNothing(after),
};

/** @see RFC 4180 */
export function csvOf(entries: readonly Entry[]): string {
  const rows = entries.map((entry) => Object.values(columns).map((cell) => cell(entry) ?? ''));
  return [Object.keys(columns), ...rows].map((cells) => `${cells.map(cellText).join(',')}\r\n`).join('');
}

function cellText(value: string): string {
  const text = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

function jsonOrNothing(value: unknown): string | null {
  return value === null ? null : JSON.stringify(value);
}
