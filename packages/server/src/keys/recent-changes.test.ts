import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type TestDatabase, testDatabase } from '../../test/database.ts';
import { createPool, type Pool } from '../kernel/database.ts';
import { createLog } from '../kernel/log.ts';
import { createRecentChanges } from './recent-changes.ts';

let store: TestDatabase;
let pool: Pool;
beforeAll(async () => {
  store = await testDatabase();
  pool = createPool({ url: store.url, log: createLog('silent'), connections: 2 });
});
afterAll(async () => {
  await pool.end();
  await store.drop();
});

const append = `insert into event (id, at, type, workspace_id, key_id, actor_kind) select $1 || n, now(), $2, 'ws_1', $3, 'system' from generate_series(1, $4::int) as n`;
const keysIn = async (recent: ReturnType<typeof createRecentChanges>) =>
  (await recent.next())?.map(({ keyId }) => keyId);

describe('the recent changes', () => {
  it('tell each change once, and none that changes nothing about keys', async () => {
    const recent = createRecentChanges({ pool });
    await recent.next();
    await pool.query(append, ['once', 'key.revoked', 'key_1', 1]);
    await pool.query(append, ['alert', 'key.expiring', 'key_2', 1]);
    expect(await recent.next()).toEqual([{ type: 'key.revoked', workspaceId: 'ws_1', keyId: 'key_1', planId: null }]);
    expect(await recent.next()).toEqual([]);
  });

  it('tell of a change that was begun before others and committed after them', async () => {
    const recent = createRecentChanges({ pool });
    await recent.next();
    const slow = new pg.Client({ connectionString: store.url });
    await slow.connect();
    await slow.query('begin');
    await slow.query(append, ['slow', 'key.disabled', 'key_slow', 1]);
    await pool.query(append, ['quick', 'key.disabled', 'key_quick', 1]);
    expect(await keysIn(recent)).toEqual(['key_quick']);
    await slow.query('commit');
    expect(await keysIn(recent)).toEqual(['key_slow']);
    await slow.end();
  });

  it('say that they cannot tell at first, when it is too long since they were asked, and when it is too much', async () => {
    const recent = createRecentChanges({ pool, longestGapMs: 300 });
    expect(await recent.next()).toBeUndefined();
    expect(await recent.next()).toBeInstanceOf(Array);
    await pool.query('select pg_sleep(0.4)');
    expect(await recent.next()).toBeUndefined();
    expect(await recent.next()).toEqual([]);
    await pool.query(append, ['many', 'key.updated', 'key_3', 20_001]);
    expect(await recent.next()).toBeUndefined();
  });
});
