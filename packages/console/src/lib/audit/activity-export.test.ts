import { describe, expect, it } from 'vitest';
import { exportText } from './activity-export.ts';
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
