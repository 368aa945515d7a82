/**
 * The cluster: the files of the embedded PostgreSQL, from nothing to a database with an owner and a password.
 *
 * It is made beside its place and moved there whole, so a start that was cut off leaves nothing half made. Our own role
 * owns the database and is no superuser. Passwords are the only way in.
 */
import type { ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmod, chown, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import type { Programs } from './database.embedded.program.ts';
import type { Log } from './log.ts';
import { StartRefused } from './start-refused.ts';

/** The major version of the packed PostgreSQL: one reads only its own files. */
const majorVersion = '18';

/**
 * Makes the cluster unless it is there.
 *
 * @returns the password of the role `gatekey`, which owns the database `gatekey`
 */
export async function prepareCluster(needs: {
  dataDir: string;
  clusterDir: string;
  programs: Programs;
  log: Log;
}): Promise<string> {
  const { clusterDir, programs, log } = needs;
  const passwordFile = join(needs.dataDir, 'postgres.password');
  const known = await readOrNothing(passwordFile);
  const version = (await readOrNothing(join(clusterDir, 'PG_VERSION')))?.trim();
  if (version !== undefined && version !== majorVersion) {
    throw new StartRefused(`${clusterDir} holds data of PostgreSQL ${version}; this Gatekey brings ${majorVersion}.`);
  }
  if (version !== undefined && known !== undefined) return known.trim();

  const password = known?.trim() ?? randomBytes(32).toString('base64url');
  await writeFile(passwordFile, `${password}\n`, { mode: 0o600 });
  if (version === undefined) {
    log.info({ directory: clusterDir }, 'making the embedded database');
    await makeCluster(clusterDir, programs, password);
  } else {
    log.warn({ file: passwordFile }, 'the password of the embedded database was missing; set a new one');
    await runAlone(programs, clusterDir, [`alter role gatekey password '${password}'`]);
  }
  return password;
}

async function makeCluster(clusterDir: string, programs: Programs, password: string): Promise<void> {
  const draft = `${clusterDir}.new`;
  await rm(draft, { recursive: true, force: true });
  await mkdir(draft, { mode: 0o700 });
  await chmod(draft, 0o700);
  if (programs.account !== undefined) await chown(draft, programs.account.uid, programs.account.gid);
  const locale = ['--encoding=UTF8', '--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8'];
  const made = await programs.run('initdb', draft, [
    '--username=postgres',
    '--auth=reject',
    '--no-instructions',
    ...locale,
  ]);
  await finished('initdb', made);
  await writeFile(join(draft, 'pg_hba.conf'), 'local all gatekey scram-sha-256\n');
  await runAlone(programs, draft, [
    `create role gatekey login createdb password '${password}'`,
    'create database gatekey owner gatekey',
  ]);
  await rename(draft, clusterDir);
}

/** Runs statements on a cluster that no server has open, without a connection or password (PostgreSQL's own way in). */
async function runAlone(programs: Programs, clusterDir: string, statements: readonly string[]): Promise<void> {
  const postgres = await programs.run('postgres', clusterDir, ['--single', '-c', 'exit_on_error=on', 'postgres']);
  postgres.stdin?.end(`${statements.join('\n')}\n`);
  await finished('postgres --single', postgres);
}

/** Waits for a program to end well. */
async function finished(name: string, child: ChildProcess): Promise<void> {
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  child.stdout?.resume();
  const [code, words] = await Promise.all([ended, child.stderr === null ? '' : text(child.stderr)]);
  if (code !== 0) throw new StartRefused(`The embedded database could not be made: ${name}: ${lastLine(words)}`);
}

/** The line of a program's complaints that says why: PostgreSQL marks it, else the last one. */
export function lastLine(words: string): string {
  const lines = words.split('\n').filter((line) => line.trim() !== '');
  const marked = lines.filter((line) => /(FATAL|PANIC|error):/.test(line));
  return (marked.at(-1) ?? lines.at(-1) ?? 'no reason given').trim();
}

async function readOrNothing(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw new StartRefused(`Cannot read ${path}: start Gatekey as the account that owns it.`);
  }
}
