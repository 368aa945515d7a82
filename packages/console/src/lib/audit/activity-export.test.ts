import { describe, expect, it } from 'vitest';
import { createAsk } from '#lib/live/ask.ts';
import { collect, exportText } from './activity-export.ts';
import { filterInput, noFilter } from './activity-filter.ts';
import { entryWith } from './entry.test-data.ts';

const csvOf = (subject: string) =>
  exportText('csv', [entryWith({ subject, before: null, after: { name: 'B' } })]).split('\r\n');
const start = 'evt_1,2026-11-23T10:00:00.000Z,key.updated,user,user_1,Ada,127.0.0.1,key_1,,,';

describe('the exported log', () => {
  it('begins with the columns of the REST API', () => {
    expect(exportText('csv', [])).toBe(
      'id,at,type,actor_kind,actor_id,actor_name,address,key_id,user_id,endpoint_id,subject,before,after\r\n',
    );
  });

  it.each([
    ['Billing', 'Billing'],
    ['said "so", once', '"said ""so"", once"'],
    ['=1+1', "'=1+1"],
    ['@SUM(A1)', "'@SUM(A1)"],
    ['-1,5', `"'-1,5"`],
    ['two\nlines', '"two\nlines"'],
  ])('has %j in a cell as %s', (subject, cell) => {
    expect(csvOf(subject)[1]).toBe(`${start}${cell},,"{""name"":""B""}"`);
  });

  it('has an object a line, in the names of the REST API', () => {
    const lines = exportText('ndjson', [entryWith({}), entryWith({ id: 'evt_2' })])
      .trimEnd()
      .split('\n');
    expect(lines).toHaveLength(2);
    expect(JSON.parse(lines[0] ?? '')).toEqual({
      ...{ id: 'evt_1', at: '2026-11-23T10:00:00.000Z', type: 'key.updated', address: '127.0.0.1', subject: 'Billing' },
      ...{ actor: { kind: 'user', id: 'user_1', name: 'Ada' }, key_id: 'key_1', user_id: null, endpoint_id: null },
      ...{ before: null, after: null },
    });
  });
});

/** A server whose log has so many entries. */
function serverWith(count: number): { readonly fetch: typeof fetch; readonly asked: unknown[] } {
  const asked: unknown[] = [];
  return {
    asked,
    async fetch(_url, init) {
      const { variables } = JSON.parse(String(init?.body));
      asked.push(variables);
      const start = Number(variables.after ?? 0);
      const end = Math.min(start + variables.first, count);
      const edges = Array.from({ length: end - start }, (_, n) => ({ node: entryWith({ id: `evt_${start + n}` }) }));
      const pageInfo = { hasNextPage: end < count, endCursor: String(end) };
      return Response.json({ data: { workspace: { auditEvents: { edges, pageInfo } } } });
    },
  };
}

describe('what is exported', () => {
  const filter = filterInput({ ...noFilter, by: 'people' }, 0);

  it.each([
    [0, 0, true, 1],
    [100, 100, true, 1],
    [230, 230, true, 3],
    [250, 250, true, 3],
    [251, 250, false, 3],
  ])('of %i entries are %i, at most 250', async (count, length, isWhole, questions) => {
    const server = serverWith(count);
    const log = await collect(createAsk(server), filter, 250);
    expect(log.ok && { ids: new Set(log.entries.map(({ id }) => id)).size, isWhole: log.isWhole }).toEqual({
      ids: length,
      isWhole,
    });
    expect(server.asked).toHaveLength(questions);
    for (const variables of server.asked) expect(variables).toMatchObject({ actorKind: 'USER' });
  });

  it('is nothing where a page could not be read', async () => {
    const down = createAsk({ fetch: () => Promise.reject(new Error('down')) });
    expect(await collect(down, filter)).toMatchObject({ ok: false, trouble: { kind: 'unreachable' } });
  });
});
