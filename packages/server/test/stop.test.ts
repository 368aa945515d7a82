/** How the server's process ends, whatever hangs: contract section 6. */
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it, type TestContext, vi } from 'vitest';
import { signUp } from './app.ts';
import { lockTable } from './locks.ts';
import { testPostgres } from './postgres.ts';
import { kill, programs, ready, run, type ServerProcess } from './server-process.ts';

vi.setConfig({ testTimeout: 60_000 });

type Test = (server: ServerProcess, context: TestContext) => Promise<void>;

/** A server on a PostgreSQL of its own that is frozen while calls wait for it. */
const whileFrozen = (test: Test) => async (context: TestContext) => {
  const [postgres, dataDir] = await Promise.all([testPostgres(), mkdtemp(join(tmpdir(), 'gatekey-stop-'))]);
  const authSecret = 'Xq3vL9sT0bRk7WnZ2mYc5HdJ8fGp4AeU';
  const env = { PORT: '0', DATA_DIR: dataDir, DATABASE_URL: postgres.url, AUTH_SECRET: authSecret };
  const child = run(programs.main, env);
  try {
    const server = await ready(child);
    const ada = await signUp(server.url);
    const [counted, waiting] = [await ada.createKey(), await ada.createKey()].map(({ secret }) => () => {
      const headers = { authorization: `Bearer ${secret}` };
      return fetch(`${server.url}/api/v1/ping`, { headers });
    });
    await counted?.();
    const lock = await lockTable(postgres.url, 'api_key');
    // Known to nobody yet: its look-up waits, first for the lock and then for nothing at all.
    void waiting?.().catch(() => {});
    await lock.isWaitedFor();
    // Something that the ledger has to write.
    await counted?.();
    postgres.freeze();
    await test(server, context);
  } finally {
    await kill(child);
    await postgres.stop();
    await rm(dataDir, { recursive: true, force: true });
  }
};

describe.concurrent('a server whose database hangs', () => {
  it(
    'exits with 0 within 25 s of the signal',
    whileFrozen(async ({ child }, { expect }) => {
      const from = performance.now();
      child.kill('SIGTERM');
      expect(await once(child, 'exit')).toEqual([0, null]);
      expect(performance.now() - from).toBeLessThan(25_000);
    }),
  );

  it(
    'ends at once when it is told a second time',
    whileFrozen(async ({ child }, { expect }) => {
      const ended = once(child, 'exit');
      // What comes at the same time is taken for one Ctrl-C on two ways.
      await expect
        .poll(
          () => {
            child.kill('SIGTERM');
            return child.exitCode;
          },
          { timeout: 3_000 },
        )
        .not.toBeNull();
      expect(await ended).toEqual([143, null]);
    }),
  );
});

describe('a server whose embedded database is killed', () => {
  it('stops, and exits with 1 because nobody asked it to', async ({ expect }) => {
    const dataDir = await mkdtemp(join(tmpdir(), 'gatekey-stop-'));
    const child = run(programs.main, { PORT: '0', DATA_DIR: dataDir });
    try {
      await ready(child);
      const [pid = ''] = (await readFile(join(dataDir, 'postgres', 'postmaster.pid'), 'utf8')).split('\n');
      const ended = once(child, 'exit');
      process.kill(Number(pid), 'SIGKILL');
      expect(await ended).toEqual([1, null]);
    } finally {
      await kill(child);
      await rm(dataDir, { recursive: true, force: true });
    }
  });
});
