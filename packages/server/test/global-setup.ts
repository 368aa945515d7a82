/**
 * One PostgreSQL for the whole run, with a migrated template database that every test copies.
 */
import pg from 'pg';
import type { TestProject } from 'vitest/node';
import { withDatabase } from '../src/kernel/database.drift.ts';
import { migrate } from '../src/kernel/database.migrate.ts';
import { createLog } from '../src/kernel/log.ts';
import { testPostgres } from './postgres.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    /** A database of the run's server; not for tests to work in. */
    databaseServer: string;
  }
}

/** The database that `testDatabase` copies. */
export const templateName = 'gatekey_template';

export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const server = await testPostgres();
  const client = new pg.Client({ connectionString: server.url });
  await client.connect();
  await client.query(`create database ${templateName}`);
  await client.end();
  await migrate({ url: withDatabase(server.url, templateName), log: createLog('warn') });
  project.provide('databaseServer', server.url);
  return server.stop;
}
