/**
 * Shutdown: somebody else has told the embedded PostgreSQL to end, as the machine does when it goes down.
 *
 * It then waits for its sessions, which may take minutes, and lets nobody in meanwhile (57P03). It says so in its own file.
 * To be let in nowhere would say less: that is also so while it recovers, which passes.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Every, every } from './every.ts';

const lookEveryMs = 500;
/** The line of `postmaster.pid` that holds the state. */
const stateLine = 7;

/** Looks at a PostgreSQL that runs. @param onLasting  called when it has been ending for so long, ms */
export function watchShutdown(clusterDir: string, lastingMs: number, onLasting: () => void): Every {
  let since: number | undefined;
  const look = async () => {
    const lines = (await readFile(join(clusterDir, 'postmaster.pid'), 'utf8')).split('\n');
    since = lines[stateLine]?.trim() === 'stopping' ? (since ?? performance.now()) : undefined;
    if (since !== undefined && performance.now() - since >= lastingMs) onLasting();
  };
  // Without the file it has ended, which is told elsewhere.
  return every(lookEveryMs, look, () => {});
}
