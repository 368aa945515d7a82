/** A database of a test's own: migrated, empty but for the seeds, made in some ten ms by copying the template. */
import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { inject } from 'vitest';
import { withDatabase } from '../src/kernel/database.drift.ts';

export interface TestDatabase {
  readonly url: string;
  /** Ends all connections and lets none in, as a database that is away. */
  cutOff(): Promise<void>;
  letBack(): Promise<void>;
  /** Drops it, ending whatever is still connected. */
  drop(): Promise<void>;
}

/** Makes a migrated database. Nobody else uses it. */
export function testDatabase(): Promise<TestDatabase> {
  return make('template gatekey_template');
}

/** Makes a database without any table, for tests of the migrations. */
export function emptyTestDatabase(): Promise<TestDatabase> {
  return make('template template0');
}

async function make(origin: string): Promise<TestDatabase> {
  const name = `test_${randomUUID().replaceAll('-', '')}`;
  await onServer(`create database ${name} ${origin}`);
  return {
    url: withDatabase(inject('databaseServer'), name),
    async cutOff() {
      await onServer(`alter database ${name} allow_connections false`);
      await onServer(`select pg_terminate_backend(pid) from pg_stat_activity where datname = '${name}'`);
    },
    letBack: () => onServer(`alter database ${name} allow_connections true`),
    drop: () => onServer(`drop database if exists ${name} with (force)`),
  };
}

async function onServer(statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: inject('databaseServer') });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}
