/**
 * Orphan: a PostgreSQL that outlived its server (`kill -9`). It is stopped before a new one starts.
 *
 * Called only by the one server that holds the claim on the directory, so whatever runs on the cluster is nobody's.
 */
import { execFile } from 'node:child_process';
import { readFile, readlink, realpath, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { promisify } from 'node:util';
import { startOf } from './claim.ts';
import type { Log } from './log.ts';
import { StartRefused } from './start-refused.ts';

/** Ends a PostgreSQL that still runs on the cluster, and waits until it is gone. */
export async function stopOrphan(clusterDir: string, log: Log): Promise<void> {
  const lockFile = join(clusterDir, 'postmaster.pid');
  const pid = Number((await readFile(lockFile, 'utf8').catch(() => '')).split('\n')[0]);
  if (!Number.isInteger(pid) || pid < 2 || (await startOf(pid)) === undefined) return;
  if (!(await worksOn(pid, clusterDir))) {
    // The pid was given to another program. PostgreSQL would take that for itself and refuse.
    for (const file of ['postmaster.pid', '.s.PGSQL.5432.lock']) await rm(join(clusterDir, file), { force: true });
    return;
  }
  log.warn({ pid }, 'stopping a database that a crash left running');
  // Fast shutdown, then immediate, which costs a recovery and loses nothing. Never SIGKILL: it strands its children.
  if (await ends(pid, 'SIGINT', 20_000)) return;
  if (await ends(pid, 'SIGQUIT', 10_000)) return;
  throw new StartRefused(`A PostgreSQL (process ${pid}) left by a crash runs on ${clusterDir} and does not stop.`);
}

/** Whether a process is the PostgreSQL of this cluster: its working directory is the cluster. Elsewhere the name must do. */
async function worksOn(pid: number, clusterDir: string): Promise<boolean> {
  if (process.platform !== 'linux') {
    const { stdout } = await promisify(execFile)('ps', ['-o', 'comm=', '-p', String(pid)]).catch(() => ({
      stdout: '',
    }));
    return stdout.trim().endsWith('postgres');
  }
  const directory = await readlink(`/proc/${pid}/cwd`).catch(() => undefined);
  return directory === (await realpath(clusterDir));
}

/** Signals a process and waits for its end. */
async function ends(pid: number, signal: 'SIGINT' | 'SIGQUIT', patienceMs: number): Promise<boolean> {
  try {
    process.kill(pid, signal);
  } catch {
    // Gone already, or not ours to signal: the wait below tells which.
  }
  for (let waited = 0; waited < patienceMs; waited += 25) {
    if ((await startOf(pid)) === undefined) return true;
    await wait(25);
  }
  return false;
}
