/** A PostgreSQL of a test's own, which it may freeze: connections stay open and nothing answers. */
import { spawnSync } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startEmbeddedDatabase } from '../src/kernel/database.embedded.ts';
import { endWithUs } from '../src/kernel/guardian.ts';
import { createLog } from '../src/kernel/log.ts';

export interface TestPostgres {
  /** Of an empty database. */
  readonly url: string;
  /** Stops the server and all its processes where they stand. */
  freeze(): void;
  /** Lets them go on. */
  thaw(): void;
  /** Ends it for good and removes its directory. */
  stop(): Promise<void>;
}

/** A test's data need not outlive a power cut. */
const hastySettings = {
  fsync: 'off',
  synchronous_commit: 'off',
  full_page_writes: 'off',
  autovacuum: 'off',
  max_connections: '200',
};

/** Starts it. It ends with the test run if nobody stops it. */
export async function testPostgres(): Promise<TestPostgres> {
  const dataDir = await mkdtemp(join(tmpdir(), 'gatekey-test-'));
  const server = await startEmbeddedDatabase({ dataDir, log: createLog('warn'), settings: hastySettings });
  const pid = Number((await readFile(join(dataDir, 'postgres', 'postmaster.pid'), 'utf8')).split('\n')[0]);
  endWithUs({ pid, signals: ['INT', 'KILL'], remove: dataDir });
  let frozen: number[] = [];
  const thaw = () => {
    for (const one of frozen) process.kill(one, 'SIGCONT');
    frozen = [];
  };
  return {
    url: server.url,
    freeze() {
      // The first one first: then there are no new ones.
      process.kill(pid, 'SIGSTOP');
      frozen = [pid, ...childrenOf(pid)];
      for (const one of frozen) process.kill(one, 'SIGSTOP');
    },
    thaw,
    async stop() {
      thaw();
      await server.stop();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

function childrenOf(pid: number): number[] {
  const { stdout } = spawnSync('pgrep', ['-P', String(pid)], { encoding: 'utf8' });
  return stdout.split('\n').filter(Boolean).map(Number);
}
