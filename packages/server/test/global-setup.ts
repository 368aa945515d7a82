/**
 * One PostgreSQL for the whole run, with a migrated template database that every test copies.
 */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import type { TestProject } from 'vitest/node';
import { withDatabase } from '../src/kernel/database.drift.ts';
import { startEmbeddedDatabase } from '../src/kernel/database.embedded.ts';
import { migrate } from '../src/kernel/database.migrate.ts';
import { endWithUs } from '../src/kernel/guardian.ts';
import { createLog } from '../src/kernel/log.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    /** A database of the run's server; not for tests to work in. */
    databaseServer: string;
  }
}

/** The database that `testDatabase` copies. */
export const templateName = 'gatekey_template';

/** A test's data need not outlive a power cut. */
const hastySettings = {
  fsync: 'off',
  synchronous_commit: 'off',
  full_page_writes: 'off',
  autovacuum: 'off',
  max_connections: '200',
};

export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const log = createLog('warn');
  const dataDir = await mkdtemp(join(tmpdir(), 'gatekey-test-'));
  const server = await startEmbeddedDatabase({ dataDir, log, settings: hastySettings });
  const pid = Number((await readFile(join(dataDir, 'postgres', 'postmaster.pid'), 'utf8')).split('\n')[0]);
  endWithUs({ pid, signals: ['INT', 'KILL'], remove: dataDir });
  const client = new pg.Client({ connectionString: server.url });
  await client.connect();
  await client.query(`create database ${templateName}`);
  await client.end();
  await migrate({ url: withDatabase(server.url, templateName), log });
  project.provide('databaseServer', server.url);
  return async () => {
    await server.stop();
    await rm(dataDir, { recursive: true, force: true });
  };
}
