import { parse } from 'csv-parse/sync';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { type Browser, type TestApp, testApp } from '../../test/app.ts';
import { problemIn, type Rest, restWith } from '../../test/rest.ts';

let app: TestApp;
beforeAll(async () => {
  app = await testApp();
});
afterAll(() => app.stop());

const Event = z.looseObject({
  id: z.string(),
  type: z.string(),
  key_id: z.string().nullable(),
  subject: z.string().nullable(),
  actor: z.object({ kind: z.string(), id: z.string().nullable(), name: z.string().nullable() }),
});
const Page = z.object({ data: z.array(Event), next_cursor: z.string().nullable() });

async function auditor(person: Browser): Promise<{ rest: Rest; text: typeof exported }> {
  const { secret } = await person.createKey({ name: 'Auditor', scopes: ['audit:read'] });
  return { rest: restWith(app, secret), text: (query, accept) => exported(query, accept, secret) };
}
async function exported(query: string, accept?: string, secret = '') {
  const headers = { authorization: `Bearer ${secret}`, ...(accept === undefined ? {} : { accept }) };
  const answer = await fetch(`${app.url}/api/v1/audit-events${query}`, { headers });
  return { answer, type: answer.headers.get('content-type'), text: await answer.text() };
}

describe('the audit log over REST', () => {
  it('is read page by page, newest first, each entry once', async () => {
    const ada = await app.signUp('Ada');
    const { rest } = await auditor(ada);
    const ids: string[] = [];
    for (const name of ['One', 'Two', 'Three', 'Four']) ids.push((await ada.createKey({ name })).id);
    const seen: z.infer<typeof Event>[] = [];
    let next: string | null = '';
    while (next !== null) {
      const page: z.infer<typeof Page> = Page.parse(
        (await rest('GET', `/audit-events?type=key.created&limit=2${next && `&cursor=${next}`}`)).body,
      );
      seen.push(...page.data);
      next = page.next_cursor;
    }
    expect(seen.map(({ subject }) => subject)).toEqual(['Four', 'Three', 'Two', 'One', 'Auditor']);
    expect(seen[0]).toMatchObject({
      key_id: ids[3],
      actor: { kind: 'user', name: 'Ada' },
      address: '127.0.0.1',
      before: null,
      after: { name: 'Four' },
    });
  });

  it('is narrowed by type, actor, key and time', async () => {
    const ada = await app.signUp();
    const { rest } = await auditor(ada);
    const { id } = await ada.createKey({ name: 'Subject' });
    await ada.createKey();
    const typesOf = async (query: string) =>
      Page.parse((await rest('GET', `/audit-events${query}`)).body).data.map(({ type }) => type);
    expect(await typesOf(`?key_id=${id}`)).toEqual(['key.created']);
    expect(await typesOf('?type=key.created&type=key.revoked')).toHaveLength(3);
    expect(await typesOf(`?actor_id=${id}`)).toEqual([]);
    expect(await typesOf('?actor_kind=user')).toHaveLength(3);
    expect(await typesOf('?actor_kind=system')).toEqual([]);
    expect(await typesOf('?from=2099-01-01T00:00:00Z')).toEqual([]);
    expect(await typesOf(`?to=2099-01-01T00:00:00Z&key_id=${id}`)).toEqual(['key.created']);
  });

  it('is exported whole, as an object a line', async () => {
    const ada = await app.signUp();
    const { text } = await auditor(ada);
    // More than a page, and not more at once than the database has connections for.
    for (let made = 0; made < 230; made += 10) {
      await Promise.all(Array.from({ length: 10 }, (_, n) => ada.createKey({ name: `Key ${made + n}` })));
    }
    const { answer, type, text: lines } = await text('?format=ndjson&type=key.created');
    expect(type).toBe('application/x-ndjson; charset=utf-8');
    expect(answer.headers.get('content-disposition')).toBe('attachment; filename="audit-events.ndjson"');
    const events = lines
      .trimEnd()
      .split('\n')
      .map((line) => Event.parse(JSON.parse(line)));
    expect(new Set(events.map(({ key_id }) => key_id)).size).toBe(231);
    expect(events).toHaveLength(231);
  });

  it('is exported as a table whose cells a spreadsheet never calculates', async () => {
    const ada = await app.signUp();
    const { text } = await auditor(ada);
    const names = ['=1+1', '@SUM(A1)', '+1', '-1', 'said "so", once'];
    for (const name of names) await ada.createKey({ name });
    const { type, text: table } = await text('?format=csv');
    expect(type).toBe('text/csv; charset=utf-8; header=present');
    const rows = z.array(z.record(z.string(), z.string())).parse(parse(table, { columns: true }));
    const subjects = rows.filter((row) => row.type === 'key.created').map((row) => row.subject);
    expect(subjects).toEqual(['said "so", once', "'-1", "'+1", "'@SUM(A1)", "'=1+1", 'Auditor']);
    expect(Object.keys(rows[0] ?? {})).toEqual([
      'id',
      'at',
      'type',
      'actor_kind',
      'actor_id',
      'actor_name',
      'address',
      'key_id',
      'user_id',
      'endpoint_id',
      'subject',
      'before',
      'after',
    ]);
    expect(JSON.parse(rows[0]?.after ?? '')).toMatchObject({ name: 'said "so", once' });
  });

  it.each([
    [undefined, 'application/json; charset=utf-8'],
    ['*/*', 'application/json; charset=utf-8'],
    ['text/html', 'application/json; charset=utf-8'],
    ['text/csv', 'text/csv; charset=utf-8; header=present'],
    ['text/csv;q=0.5, application/x-ndjson', 'application/x-ndjson; charset=utf-8'],
  ])('comes, when asked for %s, as %s', async (accept, expected) => {
    const { text } = await auditor(await app.signUp());
    const { answer, type } = await text('', accept);
    expect([type, answer.headers.get('vary')]).toEqual([expected, 'Accept']);
  });

  it('has no secret in any of its forms, and no entry of another workspace', async () => {
    const ada = await app.signUp();
    const { text } = await auditor(ada);
    const { secret } = await ada.createKey({ name: 'Mine' });
    const foreign = await (await app.signUp()).createKey({ name: 'Theirs' });
    for (const format of ['json', 'ndjson', 'csv']) {
      const { text: log } = await text(`?format=${format}`);
      expect(log).toContain('Mine');
      expect([log.includes(secret), log.includes(foreign.id)]).toEqual([false, false]);
    }
  });

  it('is exported by the same filter as it is read', async () => {
    const ada = await app.signUp();
    const { text } = await auditor(ada);
    const { id } = await ada.createKey({ name: 'Subject' });
    for (const format of ['ndjson', 'csv']) {
      expect((await text(`?format=${format}&key_id=${id}&actor_kind=user`)).text).toContain('Subject');
      expect((await text(`?format=${format}&key_id=${id}&actor_kind=key`)).text).not.toContain('Subject');
    }
  });

  it('refuses what it cannot read, by name', async () => {
    const { rest } = await auditor(await app.signUp());
    const pathsOf = async (query: string) => problemIn(await rest('GET', `/audit-events${query}`)).paths;
    expect(await pathsOf('?limit=0&cursor=x&format=xml&from=yesterday&frm=1')).toEqual(
      expect.arrayContaining(['limit', 'cursor', 'format', 'from']),
    );
    expect(await pathsOf('?actor_kind=robot')).toEqual(['actor_kind']);
    expect(await pathsOf('?type=%00')).toEqual(['type.0']);
    expect(await pathsOf('?format=csv&limit=5')).toEqual(['limit']);
  });
});
