import { cp, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { emptyTestDatabase, type TestDatabase, testDatabase } from '../../test/database.ts';
import { missingMigration } from './database.drift.ts';
import { migrate, migrationsDirectory } from './database.migrate.ts';
import { createLog } from './log.ts';

const log = createLog('silent');
const ours = (await readdir(migrationsDirectory, { withFileTypes: true })).filter((entry) => entry.isDirectory());

let database: TestDatabase;
let directory = '';
beforeEach(async () => {
  database = await emptyTestDatabase();
  directory = await mkdtemp(join(tmpdir(), 'gatekey-migrations-'));
});
afterEach(async () => {
  await database.drop();
  await rm(directory, { recursive: true, force: true });
});

async function writeMigration(name: string, sql: string): Promise<void> {
  await mkdir(join(directory, name), { recursive: true });
  await writeFile(join(directory, name, 'migration.sql'), sql);
}

async function query(sql: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: database.url });
  await client.connect();
  const { rows } = await client.query(sql);
  await client.end();
  return rows;
}

describe('the migrations', () => {
  it('do all that schema.prisma says', async () => {
    expect(await missingMigration({ url: database.url, log })).toBeUndefined();
  });

  it('are applied once when three servers start at once', async () => {
    const runs = await Promise.all([1, 2, 3].map(() => migrate({ url: database.url, log })));
    expect(runs.map(({ applied }) => applied).sort()).toEqual([0, 0, ours.length]);
    expect(await migrate({ url: database.url, log })).toEqual({ applied: 0 });
  });
});

describe('a migration', () => {
  it('may hold semicolons in comments, strings and functions', async () => {
    const body = `begin perform 1; return new; end`;
    await writeMigration(
      '1_a',
      `-- one; two\ncreate table a (b text default 'x;y');\ncreate function f() returns trigger language plpgsql as $$ ${body} $$;`,
    );
    expect(await migrate({ url: database.url, log, directory })).toEqual({ applied: 1 });
    await query('insert into a default values');
    expect(await query('select b from a')).toEqual([{ b: 'x;y' }]);
  });

  it('that fails leaves nothing of itself, says why in a line, and passes once it is mended', async () => {
    await writeMigration('1_a', 'create table a (b int); create table a (b int);');
    await expect(migrate({ url: database.url, log, directory })).rejects.toThrow(
      /^The database cannot be brought up to date: [^\n]*1_a[^\n]*already exists[^\n]*$/,
    );
    expect(await query(`select to_regclass('a') as a`)).toEqual([{ a: null }]);
    await writeMigration('1_a', 'create table a (b int);');
    expect(await migrate({ url: database.url, log, directory })).toEqual({ applied: 1 });
  });
});

describe('a database that cannot be brought up to date', () => {
  it('is refused when it is newer than this version', async () => {
    await cp(migrationsDirectory, directory, { recursive: true });
    await writeMigration('99999999999999_later', 'select 1;');
    await migrate({ url: database.url, log, directory });
    await expect(migrate({ url: database.url, log })).rejects.toThrow(
      /^The database is newer than this Gatekey: it has had 99999999999999_later\.[^\n]*$/,
    );
  });

  it('is refused when it holds tables of someone else', async () => {
    await query('create table theirs (b int)');
    await expect(migrate({ url: database.url, log })).rejects.toThrow(/not empty/);
  });

  it('is refused without telling the password when nobody lets us in', async () => {
    const url = database.url.replace(/:[^:@/]+@/, ':wrong-password@');
    const refusal = await migrate({ url, log }).catch((error: unknown) => String(error));
    expect(refusal).toMatch(
      /^StartRefused: DATABASE_URL: no database to work with there \(password authentication[^\n]*$/,
    );
    expect(refusal).not.toContain('wrong-password');
  });
});

describe('a test database', () => {
  it('is a migrated copy that shares nothing with the next one', async () => {
    const [one, two] = await Promise.all([testDatabase(), testDatabase()]);
    expect(await migrate({ url: one.url, log })).toEqual({ applied: 0 });
    expect(one.url).not.toBe(two.url);
    await Promise.all([one.drop(), two.drop()]);
  });
});
