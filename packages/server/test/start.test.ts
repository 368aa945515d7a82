/** The server as people run it: its own process, its own data, and every way to end it. */
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import pg from 'pg';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { freePort } from './redis.ts';
import { expectGone, kill, programs, ready, run as runProgram, type ServerProcess } from './server-process.ts';

// The command may have to build the console first.
vi.setConfig({ testTimeout: 90_000 });

let dataDir = '';
const children: ChildProcess[] = [];
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'gatekey-start-'));
});
afterEach(async () => {
  await Promise.all(children.splice(0).map(kill));
  // A guardian may still be ending the database.
  await rm(dataDir, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
});

function run(env: Record<string, string> = { PORT: '0' }): ChildProcess {
  const child = runProgram(programs.main, { DATA_DIR: dataDir, ...env });
  children.push(child);
  return child;
}

function start(): Promise<ServerProcess> {
  return ready(run());
}

async function query(sql: string): Promise<unknown[]> {
  const password = (await readFile(join(dataDir, 'postgres.password'), 'utf8')).trim();
  const client = new pg.Client({ host: join(dataDir, 'postgres'), user: 'gatekey', database: 'gatekey', password });
  await client.connect();
  const { rows } = await client.query(sql);
  await client.end();
  return rows;
}

describe('a started server', () => {
  it('is ready when its line says so, and leaves no process when it is told to stop', async () => {
    const { child, url, pids } = await start();
    expect((await fetch(`${url}/healthz`)).status).toBe(200);
    expect(pids.length).toBeGreaterThan(3);
    child.kill('SIGTERM');
    expect(await once(child, 'exit')).toEqual([0, null]);
    await expectGone(pids);
    expect((await readdir(dataDir)).filter((name) => name.endsWith('.claim'))).toEqual([]);
  });

  it('tells whoever calls while it starts to come back, and harms nothing', async () => {
    const port = await freePort();
    const child = run({ PORT: String(port) });
    const statuses = new Set<number>();
    while (!statuses.has(200) && child.exitCode === null) {
      const answer = await fetch(`http://127.0.0.1:${port}/healthz`).catch(() => undefined);
      if (answer !== undefined) statuses.add(answer.status);
    }
    expect([...statuses].sort()).toEqual([200, 503]);
    expect(child.exitCode).toBeNull();
  });

  it('stops in order when Ctrl-C reaches it twice', async () => {
    const { child, pids } = await start();
    child.kill('SIGINT');
    child.kill('SIGINT');
    expect(await once(child, 'exit')).toEqual([0, null]);
    await expectGone(pids);
  });

  it('stops when its parent is gone', async () => {
    const { child, pids } = await start();
    child.disconnect();
    expect(await once(child, 'exit')).toEqual([0, null]);
    await expectGone(pids);
  });

  it('stops when its terminal is closed', async () => {
    const { child, pids } = await start();
    child.kill('SIGHUP');
    expect(await once(child, 'exit')).toEqual([0, null]);
    await expectGone(pids);
  });

  it('leaves no process when it alone is killed with -9', async () => {
    const { child, pids } = await start();
    child.kill('SIGKILL');
    await expectGone(pids);
  });
});

describe('a server that was killed with -9, and all that it started', () => {
  it('comes up again with its data', async () => {
    const first = await start();
    await query('create table kept (n int)');
    await query('insert into kept select generate_series(1, 1000)');
    const gone = once(first.child, 'exit');
    for (const pid of first.pids) process.kill(pid, 'SIGKILL');
    await gone;

    const second = await start();
    expect((await fetch(`${second.url}/healthz`)).status).toBe(200);
    expect(await query('select count(*)::int as n from kept')).toEqual([{ n: 1000 }]);
    second.child.kill('SIGTERM');
    expect(await once(second.child, 'exit')).toEqual([0, null]);
  });
});

describe('a second server on the same data', () => {
  it('says so in one line and exits with 1, and the first goes on', async () => {
    const first = await start();
    const second = run();
    if (second.stdout === null || second.stderr === null) throw new Error('no output');
    const [[code], said, complaint] = await Promise.all([
      once(second, 'exit'),
      text(second.stdout),
      text(second.stderr),
    ]);
    expect(code).toBe(1);
    expect(said).toBe('');
    expect(complaint).toMatch(new RegExp(`^Another Gatekey \\(process ${first.child.pid}\\) [^\n]*\n$`));
    expect((await fetch(`${first.url}/healthz`)).status).toBe(200);
  });
});

describe('the command behind npm start', () => {
  async function startCommand(): Promise<ServerProcess> {
    const child = runProgram(programs.launcher, { DATA_DIR: dataDir, PORT: '0' });
    children.push(child);
    return ready(child);
  }

  it('stops the server when it is told to stop, and exits as the server did', async () => {
    const { child, pids } = await startCommand();
    child.kill('SIGTERM');
    expect(await once(child, 'exit')).toEqual([0, null]);
    await expectGone(pids);
  });

  it('leaves no process when it is killed with -9', async () => {
    const { child, pids } = await startCommand();
    child.kill('SIGKILL');
    await expectGone(pids);
  });
});
