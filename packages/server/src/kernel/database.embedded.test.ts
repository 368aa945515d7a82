import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import pg from 'pg';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startOf } from './claim.ts';
import { startEmbeddedDatabase } from './database.embedded.ts';
import { createLog } from './log.ts';

const log = createLog('silent');
/** A server that does nothing but start the database, in a process that may be killed. */
const server = `
  const log = { debug() {}, info() {}, warn() {}, error() {} };
  import(${JSON.stringify(new URL('./database.embedded.ts', import.meta.url).href)})
    .then(({ startEmbeddedDatabase }) => startEmbeddedDatabase({ dataDir: process.argv[1], log }))
    .then(({ url }) => { console.log(url); setInterval(() => {}, 1000); });
`;

let dataDir = '';
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'gatekey-embedded-'));
});
afterEach(() => rm(dataDir, { recursive: true, force: true }));

async function query(url: string, sql: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const { rows } = await client.query(sql);
  await client.end();
  return rows;
}

async function postmaster(): Promise<number> {
  return Number((await readFile(join(dataDir, 'postgres', 'postmaster.pid'), 'utf8')).split('\n')[0]);
}

/** The guardian of a PostgreSQL, which would end it. */
function guardianOf(pid: number): number {
  const words = spawnSync('pgrep', ['-f', `guardian ${pid} INT QUIT`], { encoding: 'utf8' }).stdout;
  return Number(words.split('\n')[0]);
}

/** Starts a server process, writes a row there, and kills it with -9. */
async function crash(alsoKill: () => Promise<number[]>): Promise<void> {
  const child = spawn(process.execPath, ['-e', server, dataDir], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [url] = await once(createInterface({ input: child.stdout }), 'line');
  await query(String(url), 'create table if not exists kept (n int)');
  await query(String(url), 'insert into kept values (1)');
  const others = await alsoKill();
  const gone = once(child, 'exit');
  for (const pid of others) process.kill(pid, 'SIGKILL');
  child.kill('SIGKILL');
  await gone;
}

async function countKept(): Promise<unknown> {
  const database = await startEmbeddedDatabase({ dataDir, log });
  const rows = await query(database.url, 'select count(*)::int as n from kept');
  await database.stop();
  return rows;
}

describe('the embedded database', () => {
  it('is closed to everyone else, safe on disk, and gone after stop', async () => {
    const database = await startEmbeddedDatabase({ dataDir, log });
    const pid = await postmaster();
    const [facts] = await query(
      database.url,
      `select current_setting('fsync') as fsync, current_setting('TimeZone') as zone, current_setting('listen_addresses')
         as listens, rolsuper as super, datcollate as collation, pg_encoding_to_char(encoding) as encoding
         from pg_roles, pg_database where rolname = current_user and datname = current_database()`,
    );
    expect(facts).toEqual({ fsync: 'on', zone: 'UTC', listens: '', super: false, collation: 'C', encoding: 'UTF8' });
    expect((await stat(join(dataDir, 'postgres'))).mode & 0o777).toBe(0o700);
    expect((await stat(join(dataDir, 'postgres.password'))).mode & 0o777).toBe(0o600);
    await database.stop();
    await database.stop();
    expect(await startOf(pid)).toBeUndefined();
    expect((await readdir(dataDir)).sort()).toEqual(['postgres', 'postgres.password']);
  });

  it('refuses a second server on the same directory in one line, and harms the first in nothing', async () => {
    const database = await startEmbeddedDatabase({ dataDir, log });
    await expect(startEmbeddedDatabase({ dataDir, log })).rejects.toThrow(/^Another Gatekey [^\n]*$/);
    expect(await query(database.url, 'select 1 as one')).toEqual([{ one: 1 }]);
    await database.stop();
  });

  it('tells when PostgreSQL ends unasked', async () => {
    const database = await startEmbeddedDatabase({ dataDir, log });
    process.kill(await postmaster(), 'SIGKILL');
    expect(await database.broken).toBe('the embedded database ended by itself');
  });

  it('tells when PostgreSQL is told to end by another, and waits for its sessions, which still may write', async () => {
    const database = await startEmbeddedDatabase({ dataDir, log, shutdownMs: 0 });
    const session = new pg.Client({ connectionString: database.url });
    await session.connect();
    process.kill(await postmaster(), 'SIGTERM');
    expect(await database.broken).toBe('the embedded database was told to end by somebody else');
    await expect(query(database.url, 'select 1')).rejects.toMatchObject({ code: '57P03' });
    await session.query('create table kept (n int)');
    session.on('error', () => {});
    await database.stop();
    expect(await countKept()).toEqual([{ n: 0 }]);
  });

  it('works where the path is too long for a socket', async () => {
    const deep = join(dataDir, 'd'.repeat(100));
    const database = await startEmbeddedDatabase({ dataDir: deep, log });
    expect(await query(database.url, 'select 1 as one')).toEqual([{ one: 1 }]);
    await database.stop();
  });

  it('sets a new password when the file was lost', async () => {
    await (await startEmbeddedDatabase({ dataDir, log })).stop();
    await rm(join(dataDir, 'postgres.password'));
    const database = await startEmbeddedDatabase({ dataDir, log });
    expect(await query(database.url, 'select 1 as one')).toEqual([{ one: 1 }]);
    await database.stop();
  });
});

describe('the next start keeps every confirmed row', () => {
  it('when the server was killed with -9, which ends PostgreSQL too', async () => {
    let pid = 0;
    await crash(async () => {
      pid = await postmaster();
      return [];
    });
    await expect.poll(() => startOf(pid), { timeout: 5_000 }).toBeUndefined();
    expect(await countKept()).toEqual([{ n: 1 }]);
  });

  it('when PostgreSQL outlived its server, because the guardian was killed too', async () => {
    let pid = 0;
    await crash(async () => {
      pid = await postmaster();
      return [guardianOf(pid)];
    });
    expect(await startOf(pid)).toBeDefined();
    expect(await countKept()).toEqual([{ n: 1 }]);
    expect(await startOf(pid)).toBeUndefined();
  });

  it('when both were killed with -9', async () => {
    await crash(async () => [await postmaster()]);
    expect(await countKept()).toEqual([{ n: 1 }]);
  });

  it('when the pid of the dead PostgreSQL belongs to another process by now', async () => {
    await crash(async () => [await postmaster()]);
    const other = spawn('sleep', ['60']);
    await writeFile(
      join(dataDir, 'postgres', 'postmaster.pid'),
      `${other.pid}\n${dataDir}\n1\n5432\n.\n\n 0 0\nready\n`,
    );
    expect(await countKept()).toEqual([{ n: 1 }]);
    expect(other.exitCode).toBeNull();
    other.kill();
  });
});
