/** What happens while PostgreSQL says nothing at all, as when it is frozen or the network to it is cut: contract section 6. */
import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { describe, it, type TestContext, vi } from 'vitest';
import { z } from 'zod';
import { type Browser, type TestApp, testApp } from '../test/app.ts';
import { run, seededPlans, workspaceOf } from '../test/commands.ts';
import { type TestPostgres, testPostgres } from '../test/postgres.ts';
import { migrate } from './kernel/database.migrate.ts';
import { createDatabase, createPool } from './kernel/database.ts';
import { createLog } from './kernel/log.ts';
import { createPostgresLedgerStore } from './metering/ledger.postgres.ts';
import { createLedger } from './metering/ledger.ts';

vi.setConfig({ testTimeout: 60_000 });

const log = createLog('silent');

type Test = (postgres: TestPostgres, context: TestContext) => Promise<void>;

/** A test with a PostgreSQL of its own, so that they wait side by side. */
const withPostgres = (test: Test) => async (context: TestContext) => {
  const postgres = await testPostgres();
  try {
    await test(postgres, context);
  } finally {
    await postgres.stop();
  }
};

/** What the work gives, and how long it took. */
async function timed<T>(work: Promise<T>): Promise<{ value: T; ms: number }> {
  const from = performance.now();
  return { value: await work, ms: performance.now() - from };
}

const Points = z.object({ workspace: z.object({ usageHistory: z.array(z.object({ accepted: z.number() })) }) });
/** Calls of the current workspace that the ledger has. */
async function ledgerOf(browser: Browser): Promise<number> {
  const day = 86_400_000;
  const range = { from: new Date(Date.now() - day).toISOString(), to: new Date(Date.now() + day).toISOString() };
  const query = `query ($from: DateTime!, $to: DateTime!) {
    workspace { usageHistory(from: $from, to: $to, step: DAY) { accepted } } }`;
  const { workspace } = Points.parse(await browser.graphql(query, range));
  return workspace.usageHistory.reduce((sum, { accepted }) => sum + accepted, 0);
}

describe.concurrent('a server whose PostgreSQL is frozen', () => {
  it(
    'lets known keys pass soon, refuses others in time, and loses and doubles no call',
    withPostgres(async (postgres, { expect }) => {
      const app = await testApp({ databaseUrl: postgres.url });
      const ada = await app.signUp();
      await run(ada, 'changePlan', { workspaceId: await workspaceOf(ada), planId: seededPlans.Unlimited });
      const keys = await Promise.all(Array.from({ length: 25 }, () => ada.createKey()));
      const { secret: unknown } = await ada.createKey();
      let calls = 0;
      const callAll = () => Promise.all(keys.map(({ secret }) => pass(app, secret)));
      const pass = async (server: TestApp, secret: string) => {
        const answer = await server.call(secret);
        expect(answer.status).toBe(200);
        calls += 1;
      };
      await callAll();
      // After it every key is asked about again, and each first caller waits for the answer.
      await run(ada, 'updatePlan', { id: seededPlans.Pro, limits: { day: 7 } });

      postgres.freeze();
      // The first wait a second, the others for nothing; the rest is for a busy machine. A hang would take minutes.
      expect((await timed(callAll())).ms).toBeLessThan(3_000);
      expect((await timed(app.call(unknown))).value.headers.get('retry-after')).toBe('1');
      for (let rounds = 0; rounds < 2; rounds++) {
        expect((await timed(callAll())).ms).toBeLessThan(3_000);
        const refused = await timed(app.call(unknown));
        expect([refused.value.status, (await refused.value.json()).code]).toEqual([503, 'unavailable']);
        expect(refused.ms).toBeLessThan(8_000);
      }
      const readiness = await timed(fetch(`${app.url}/readyz`));
      expect(await readiness.value.json()).toMatchObject({ status: 'degraded', checks: { database: 'degraded' } });
      expect(readiness.ms).toBeLessThan(3_000);

      postgres.thaw();
      await expect.poll(async () => (await app.call(unknown)).status, { timeout: 5_000 }).toBe(200);
      calls += 1;
      await callAll();
      await expect.poll(() => ledgerOf(ada), { timeout: 5_000 }).toBe(calls);
      await app.stop();
    }),
  );
});

describe.concurrent('the ledger over a PostgreSQL that is frozen', () => {
  it(
    'ends a flush in time, and what was on its way is there once',
    withPostgres(async (postgres, { expect }) => {
      await migrate({ url: postgres.url, log });
      const pool = createPool({ url: postgres.url, log, connections: 5 });
      const ledger = createLedger({ store: createPostgresLedgerStore({ pool }), log, writer: randomUUID() });
      const at = Date.now();
      const record = () => ledger.record({ workspaceId: 'ws_1', keyId: 'key_1' }, { at }, undefined);
      const counted = async () => (await ledger.totals('ws_1', at)).keys.get('key_1')?.used.minute;
      record();
      await ledger.flush();
      postgres.freeze();
      record();
      const flush = await timed(ledger.flush().catch(() => 'not written'));
      expect(flush.value).toBe('not written');
      expect(flush.ms).toBeLessThan(12_000);
      record();
      postgres.thaw();
      record();
      await expect.poll(() => ledger.flush().then(counted, () => 'not written'), { timeout: 5_000 }).toBe(4);
      await ledger.close();
      expect(await counted()).toBe(4);
      await pool.end();
    }),
  );
});

describe.concurrent('a transaction that PostgreSQL fell silent in', () => {
  it(
    'fails in time, is undone, and leaves no connection behind that is still inside it',
    withPostgres(async (postgres, { expect }) => {
      const database = createDatabase(createPool({ url: postgres.url, log, connections: 1 }));
      await database.$executeRaw`create table note (text text)`;
      const cutShort = database.$transaction(async (tx) => {
        await tx.$executeRaw`insert into note values ('inside')`;
        postgres.freeze();
        await tx.$executeRaw`insert into note values ('inside too')`;
      });
      const { value, ms } = await timed(cutShort.catch(() => 'failed'));
      expect(value).toBe('failed');
      expect(ms).toBeLessThan(12_000);
      postgres.thaw();
      const insert = () => database.$executeRaw`insert into note values ('after')`.catch(() => 'failed');
      await expect.poll(insert, { timeout: 5_000 }).toBe(1);
      const witness = new pg.Client({ connectionString: postgres.url });
      await witness.connect();
      expect((await witness.query('select text from note')).rows).toEqual([{ text: 'after' }]);
      await witness.end();
      await database.$disconnect();
    }),
  );
});
