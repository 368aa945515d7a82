/**
 * Migrate: brings a database to the schema of this version.
 *
 *   one server at a time (advisory lock) -> compare the history -> apply what is missing
 *
 * Uses Prisma's engine and its `_prisma_migrations`. A migration is one transaction: all of it or nothing. One that was
 * cut off or failed is tried again at the next start, so nobody has to mend the table by hand. When nothing is missing,
 * the engine is not even loaded.
 */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { MigrationDirectory, MigrationList } from '@prisma/schema-engine-wasm/schema_engine_bg';
import pg from 'pg';
import { withSchemaEngine } from './database.engine.ts';
import type { Log } from './log.ts';
import { StartRefused } from './start-refused.ts';

export const migrationsDirectory = fileURLToPath(new URL('../../prisma/migrations', import.meta.url));

/** "gatekey" in ASCII, as the number that servers lock. Not Prisma's own, which is 72707369. */
const lockKey = '29099057408042361';
const lockPatienceMs = 60_000;
const connectPatienceMs = 15_000;
const oldestServer = 14;

export interface MigrateOptions {
  readonly url: string;
  readonly log: Log;
  /** Where the migrations lie, for tests. */
  readonly directory?: string;
}

/**
 * Applies the migrations that the database has not had. Safe to call from several servers at once.
 *
 * @returns how many it applied
 * @throws StartRefused when the database cannot be reached, is newer than this version, or a migration fails
 */
export async function migrate(options: MigrateOptions): Promise<{ applied: number }> {
  const { url, log, directory = migrationsDirectory } = options;
  const list = await readMigrations(directory);
  const client = await connect(url, log);
  try {
    await lock(client);
    const todo = await compare(client, list);
    if (todo.missing.length === 0) return { applied: 0 };
    return await apply({ url, log, list, failed: todo.failed });
  } finally {
    // Ends the session, and the lock with it.
    await client.end();
  }
}

/** Reads `<directory>/<name>/migration.sql`, oldest first. */
export async function readMigrations(directory: string): Promise<MigrationList> {
  const entries = await readdir(directory, { withFileTypes: true });
  const names = entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
  const migrationDirectories = names.sort().map(async (path): Promise<MigrationDirectory> => {
    const value = await readFile(join(directory, path, 'migration.sql'), 'utf8');
    return { path, migrationFile: { path: 'migration.sql', content: { tag: 'ok', value } } };
  });
  return {
    baseDir: directory,
    lockfile: { path: 'migration_lock.toml', content: 'provider = "postgresql"\n' },
    shadowDbInitScript: '',
    migrationDirectories: await Promise.all(migrationDirectories),
  };
}

/** Connects, giving a database that is still starting some seconds. */
async function connect(url: string, log: Log): Promise<pg.Client> {
  for (let waitedMs = 0; ; waitedMs += 500) {
    const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5_000 });
    // A connection that breaks says so twice: the query that waits on it fails too.
    client.on('error', () => undefined);
    try {
      await client.connect();
      return client;
    } catch (error) {
      await client.end().catch(() => undefined);
      const code = error instanceof Error && 'code' in error ? String(error.code) : '';
      const maySoon = /^(ECONNREFUSED|ECONNRESET|ENOTFOUND|EAI_AGAIN|ENOENT|57P03)$/.test(code);
      if (!maySoon || waitedMs >= connectPatienceMs) {
        throw new StartRefused(`DATABASE_URL: no database to work with there (${firstLine(error)}).`);
      }
      if (waitedMs === 0) log.warn({ code }, 'waiting for the database');
      await wait(500);
    }
  }
}

/** Lets one server in at a time; the others wait, but not for ever. */
async function lock(client: pg.Client): Promise<void> {
  const { rows } = await client.query<{ version: number }>(
    `select current_setting('server_version_num')::int / 10000 as version`,
  );
  const version = rows[0]?.version ?? 0;
  if (version < oldestServer) {
    throw new StartRefused(`DATABASE_URL: Gatekey needs PostgreSQL ${oldestServer} or newer, this is ${version}.`);
  }
  await client.query(`set lock_timeout = ${lockPatienceMs}`);
  try {
    await client.query('select pg_advisory_lock($1::bigint)', [lockKey]);
  } catch (error) {
    if (error instanceof pg.DatabaseError && error.code === '55P03') {
      throw new StartRefused(`Another server has been migrating the database for over ${lockPatienceMs / 1000} s.`);
    }
    throw error;
  }
}

/** What the database has not had, and what it began and did not finish. */
async function compare(client: pg.Client, list: MigrationList): Promise<{ missing: string[]; failed: string[] }> {
  const ours = list.migrationDirectories.map(({ path }) => path);
  const table = await client.query<{ there: boolean }>(`select to_regclass('_prisma_migrations') is not null as there`);
  if (table.rows[0]?.there !== true) return { missing: ours, failed: [] };
  const { rows } = await client.query<{ name: string; finished: boolean }>(
    `select migration_name as name, finished_at is not null as finished
       from _prisma_migrations where rolled_back_at is null`,
  );
  const unknown = rows.find(({ name }) => !ours.includes(name));
  if (unknown !== undefined) {
    throw new StartRefused(
      `The database is newer than this Gatekey: it has had ${unknown.name}. Start the newer version.`,
    );
  }
  const had = new Set(rows.filter(({ finished }) => finished).map(({ name }) => name));
  return {
    missing: ours.filter((name) => !had.has(name)),
    failed: rows.filter(({ finished }) => !finished).map(({ name }) => name),
  };
}

async function apply(needs: {
  url: string;
  log: Log;
  list: MigrationList;
  failed: string[];
}): Promise<{ applied: number }> {
  try {
    return await withSchemaEngine({ url: needs.url }, async (engine) => {
      for (const migrationName of needs.failed) await engine.markMigrationRolledBack({ migrationName });
      const { appliedMigrationNames } = await engine.applyMigrations({
        migrationsList: needs.list,
        filters: { externalTables: [], externalEnums: [] },
      });
      needs.log.info({ migrations: appliedMigrationNames }, 'brought the database up to date');
      return { applied: appliedMigrationNames.length };
    });
  } catch (error) {
    needs.log.debug({ err: error }, 'a migration failed');
    throw new StartRefused(`The database cannot be brought up to date: ${engineReason(error)}`);
  }
}

/** What the engine complains about, and in which migration: it says so among much else. */
function engineReason(error: unknown): string {
  const words = error instanceof Error ? error.message : String(error);
  const migration = /migration_name="([^"]+)"/.exec(words)?.[1];
  const reason = /ERROR: [^\n]+/.exec(words)?.[0] ?? firstLine(error);
  return migration === undefined ? reason : `${migration}: ${reason}`;
}

/** The part of an error that fits on a line. */
function firstLine(error: unknown): string {
  const words = error instanceof Error ? error.message : String(error);
  return words.split('\n').find((line) => line.trim() !== '') ?? 'no reason given';
}
