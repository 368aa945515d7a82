/** Processes of a run: Redis, PostgreSQL and servers of its own, and what processor time they used. */
import { type ChildProcess, fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { startEmbeddedDatabase } from '../../server/src/kernel/database.embedded.ts';
import { createLog } from '../../server/src/kernel/log.ts';

/** Young objects of a request die before they are moved; as the launcher starts the product. Peers have the same. */
const nodeFlags = ['--max-semi-space-size=64', '--min-semi-space-size=64'];

export interface Running {
  readonly pid: number;
  stop(): Promise<void>;
}
export interface RunningStore extends Running {
  readonly url: string;
}
export interface RunningServer extends Running {
  readonly url: string;
  /** Sends it a word and waits for its answer. */
  ask(word: string | number): Promise<unknown>;
}

const ends: (() => Promise<void>)[] = [];

/** Ends all that was started, last first. */
export async function stopAll(): Promise<void> {
  for (const end of ends.splice(0).reverse()) await end();
}

/** A Redis without persistence, on a free port. */
export async function startRedis(): Promise<RunningStore> {
  const port = await freePort();
  const flags = [
    '--port',
    String(port),
    '--bind',
    '127.0.0.1',
    '--save',
    '',
    '--appendonly',
    'no',
    '--daemonize',
    'no',
  ];
  const child = spawn('redis-server', flags, { stdio: ['ignore', 'pipe', 'inherit'] });
  await once(child.stdout, 'data');
  return { ...running(child), url: `redis://127.0.0.1:${port}` };
}

/** A PostgreSQL with its default, durable settings. */
export async function startPostgres(): Promise<RunningStore> {
  const dataDir = await mkdtemp(join(tmpdir(), 'gatekey-bench-'));
  const server = await startEmbeddedDatabase({ dataDir, log: createLog('warn') });
  const pid = Number(readFileSync(join(dataDir, 'postgres', 'postmaster.pid'), 'utf8').split('\n', 1)[0]);
  const stop = async () => {
    await server.stop();
    await rm(dataDir, { recursive: true, force: true });
  };
  ends.push(stop);
  return { pid, url: server.url, stop };
}

/** A program of `servers/`, which says on which port it listens. */
export async function startServer(
  name: string,
  { env = {}, args = [] }: { env?: Readonly<Record<string, string>>; args?: readonly string[] },
): Promise<RunningServer> {
  const file = fileURLToPath(new URL(`./servers/${name}.ts`, import.meta.url));
  const child = fork(file, args, { execArgv: nodeFlags, env, stdio: 'inherit' });
  const failed = once(child, 'exit').then(([code]) => Promise.reject(new Error(`${name} ended with ${code}`)));
  failed.catch(() => {});
  const [port] = await Promise.race([once(child, 'message'), failed]);
  return {
    ...running(child),
    url: `http://127.0.0.1:${port}`,
    async ask(word) {
      const answer = once(child, 'message');
      child.send(word);
      const [value] = await Promise.race([answer, failed]);
      return value;
    },
  };
}

/** Runs a program of the load and gives what it says last; it ends by itself. @param onWord  gets all that it says */
export async function runLoad(name: string, options: object, onWord?: (word: unknown) => void): Promise<unknown> {
  const file = fileURLToPath(new URL(`./${name}.ts`, import.meta.url));
  const child = fork(file, { stdio: 'inherit' });
  child.send(options);
  const { stop } = running(child);
  let said: unknown;
  child.on('message', (message) => {
    said = message;
    onWord?.(message);
  });
  const [code] = await once(child, 'exit');
  await stop();
  if (code !== 0) throw new Error(`${name} ended with ${code}`);
  return said;
}

/** Ends a program with the run. */
export function startProgram(child: ChildProcess): Running {
  return running(child);
}

/** A folder that goes with the run. */
export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'gatekey-bench-'));
  ends.push(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** Waits until somebody listens. @throws when nobody does for 10 s */
export async function listening(port: number): Promise<void> {
  for (const until = Date.now() + 10_000; Date.now() < until; await wait(20)) {
    const socket = connect(port, '127.0.0.1');
    const is = await once(socket, 'connect').then(
      () => true,
      () => false,
    );
    socket.destroy();
    if (is) return;
  }
  throw new Error(`nobody listens on ${port}`);
}

function running(child: ChildProcess): Running {
  const { pid } = child;
  if (pid === undefined) throw new Error('a process did not start');
  const stop = async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, 'exit');
    child.kill('SIGKILL');
    await gone;
  };
  ends.push(stop);
  return { pid, stop };
}

/** Processor time of processes and, for PostgreSQL, of those that it has started, since they began, µs. */
export function processorTime(pids: readonly number[]): number {
  const stats = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(statOf)
    .filter((stat) => stat !== undefined);
  return stats
    .filter(({ pid, parent }) => pids.includes(pid) || pids.includes(parent))
    .reduce((sum, { used, ofGone, pid }) => sum + used + (pids.includes(pid) ? ofGone : 0), 0);
}

const tickMicros = 10_000;

function statOf(name: string) {
  try {
    const text = readFileSync(`/proc/${name}/stat`, 'utf8');
    const fields = text
      .slice(text.lastIndexOf(')') + 2)
      .split(' ')
      .map(Number);
    const [parent = 0, user = 0, system = 0, goneUser = 0, goneSystem = 0] = [1, 11, 12, 13, 14].map(
      (at) => fields[at],
    );
    return {
      pid: Number(name),
      parent,
      used: (user + system) * tickMicros,
      ofGone: (goneUser + goneSystem) * tickMicros,
    };
  } catch {
    // It has ended meanwhile.
    return undefined;
  }
}

/** Memory that a process holds, MB. */
export function memoryOf(pid: number): number {
  const [, kilobytes] = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return Math.round(Number(kilobytes) / 1024);
}

/** A port that was free a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}
