/**
 * Activity export: the log as a file, made in the browser of the same query as the page.
 *
 *   ask, filter -> pages of the log -> entries, the newest first -> text of a file
 *
 * Why not the export of the REST API: that takes a key alone, and a signed-in person has none to show. This goes with the
 * session and is judged by the query's own right, so there is no second door to guard. It is bounded, for the file is
 * made in memory; all of a longer log comes over REST, in the same columns.
 */
import type { Ask, Trouble } from '#lib/live/ask.ts';
import type { FilterInput } from './activity-filter.ts';
import { ActivityQuery, type Entry } from './audit.documents.ts';

export const exportFormats = ['csv', 'ndjson'] as const;
export type ExportFormat = (typeof exportFormats)[number];
export const mostExported = 10_000;
const pageSize = 100;

export const exportTypes: Readonly<Record<ExportFormat, string>> = {
  csv: 'text/csv;charset=utf-8',
  ndjson: 'application/x-ndjson;charset=utf-8',
};

export type Collected =
  | {
      readonly ok: true;
      readonly entries: readonly Entry[] /** False where there is more. */;
      readonly isWhole: boolean;
    }
  | { readonly ok: false; readonly trouble: Trouble };

/** All entries that fit, or the newest of them. @param most  how many at most */
export async function collect(ask: Ask, filter: FilterInput, most = mostExported): Promise<Collected> {
  const entries: Entry[] = [];
  let after: string | null = null;
  do {
    const first = Math.min(pageSize, most - entries.length);
    const answer: Awaited<ReturnType<typeof askPage>> = await askPage(ask, filter, { first, after });
    if (!answer.ok) return answer;
    const log = answer.data.workspace?.auditEvents;
    entries.push(...(log?.edges.map(({ node }) => node) ?? []));
    after = log?.pageInfo.hasNextPage === true ? log.pageInfo.endCursor : null;
  } while (after !== null && entries.length < most);
  return { ok: true, entries, isWhole: after === null };
}

function askPage(ask: Ask, filter: FilterInput, page: { readonly first: number; readonly after: string | null }) {
  return ask(ActivityQuery, { ...filter, ...page, keyId: null });
}

/** The text of a file, in the names of the REST API. */
export function exportText(format: ExportFormat, entries: readonly Entry[]): string {
  if (format === 'ndjson') return entries.map((entry) => `${JSON.stringify(eventOf(entry))}\n`).join('');
  const rows = entries.map((entry) => Object.values(columns).map((cell) => cell(entry)));
  return [Object.keys(columns), ...rows].map((row) => `${row.map(cellText).join(',')}\r\n`).join('');
}

function eventOf({ actor, keyId, userId, endpointId, ...same }: Entry) {
  const who = { ...actor, kind: actor.kind.toLowerCase() };
  return { ...same, actor: who, key_id: keyId, user_id: userId, endpoint_id: endpointId };
}

const columns: Readonly<Record<string, (entry: Entry) => string | null>> = {
  id: ({ id }) => id,
  at: ({ at }) => at,
  type: ({ type }) => type,
  actor_kind: ({ actor }) => actor.kind.toLowerCase(),
  actor_id: ({ actor }) => actor.id,
  actor_name: ({ actor }) => actor.name,
  address: ({ address }) => address,
  key_id: ({ keyId }) => keyId,
  user_id: ({ userId }) => userId,
  endpoint_id: ({ endpointId }) => endpointId,
  subject: ({ subject }) => subject,
  before: ({ before }) => (before === null ? null : JSON.stringify(before)),
  after: ({ after }) => (after === null ? null : JSON.stringify(after)),
};

/** What a spreadsheet would calculate begins with an apostrophe. @see RFC 4180 */
function cellText(value: string | null): string {
  const text = /^[=+\-@\t\r＝＋－＠]/.test(value ?? '') ? `'${value}` : (value ?? '');
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
