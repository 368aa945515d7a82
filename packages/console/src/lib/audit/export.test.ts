import { describe, expect, it } from 'vitest';
import { csvOf } from './export.ts';

describe('the export of the log', () => {
  it('is CSV that a spreadsheet takes as text, whatever people call their keys', () => {
    const text = csvOf([
      {
        id: 'evt_1',
        at: '2026-11-23T10:00:00.000Z',
        type: 'key.updated',
        actor: { id: 'usr_1', kind: 'USER', name: 'Ada "the first", L.' },
        address: '127.0.0.1',
        subject: '=1+1',
        before: null,
        after: { name: '=1+1' },
      },
    ]);
    expect(text).toBe(
      'id,at,type,actor_kind,actor_id,actor_name,address,subject,before,after\r\n' +
        'evt_1,2026-11-23T10:00:00.000Z,key.updated,user,usr_1,"Ada ""the first"", L.",127.0.0.1,\'=1+1,,"{""name"":""=1+1""}"\r\n',
    );
  });
});
