/** A Redis of a test's own, which it may stop, kill, freeze and bring back empty. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { Redis } from 'ioredis';
import { endWithUs } from '../src/kernel/guardian.ts';

export interface TestRedis {
  /** The same over every restart. */
  readonly url: string;
  /** Of the present process. */
  readonly pid: number;
  /** Ends it for good and removes its directory. */
  stop(): Promise<void>;
  /** As a crash would: `kill -9`. */
  kill(): Promise<void>;
  /** Starts it again on the same port after `kill`. It comes back empty. */
  restart(): Promise<void>;
  /** Freezes it: connections stay open and nothing answers. */
  pause(): void;
  resume(): void;
  /** From now on no message reaches anybody; all else goes on. */
  silence(): Promise<void>;
}

type Flags = Readonly<Record<string, string | number>>;

/**
 * Starts Redis on a free port of 127.0.0.1, without persistence. It ends with the test run if nobody stops it.
 *
 * @param flags  further settings of its own
 */
export async function testRedis(flags: Flags = {}): Promise<TestRedis> {
  const directory = await mkdtemp(join(tmpdir(), 'gatekey-redis-'));
  let { child, port } = await startOnFreePort(directory, flags);
  const kill = async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, 'exit');
    child.kill('SIGKILL');
    await gone;
  };
  return {
    url: `redis://127.0.0.1:${port}`,
    get pid() {
      return child.pid ?? 0;
    },
    kill,
    async stop() {
      await kill();
      await rm(directory, { recursive: true, force: true });
    },
    async restart() {
      child = await start(port, directory, flags);
    },
    pause: () => void child.kill('SIGSTOP'),
    resume: () => void child.kill('SIGCONT'),
    async silence() {
      const admin = new Redis(port);
      await admin.call('ACL', 'SETUSER', 'default', 'resetchannels');
      await admin.call('CLIENT', 'KILL', 'TYPE', 'pubsub');
      admin.disconnect();
    },
  };
}

/** Another process may take the port between the asking and the using: then another port. */
async function startOnFreePort(directory: string, flags: Flags): Promise<{ child: ChildProcess; port: number }> {
  for (let attempt = 1; ; attempt += 1) {
    const port = await freePort();
    try {
      return { child: await start(port, directory, flags), port };
    } catch (error) {
      if (attempt === 5) throw error;
    }
  }
}

async function start(port: number, directory: string, more: Flags): Promise<ChildProcess> {
  const flags = { port, bind: '127.0.0.1', save: '', appendonly: 'no', dir: directory, daemonize: 'no', ...more };
  const child = spawn(
    'redis-server',
    Object.entries(flags).flatMap(([name, value]) => [`--${name}`, String(value)]),
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  await new Promise<void>((ready, fail) => {
    child.once('error', fail);
    child.once('exit', () => fail(new Error(`redis-server did not start on port ${port}`)));
    createInterface({ input: child.stdout }).on('line', (line) => {
      if (line.includes('Ready to accept connections')) ready();
    });
  });
  if (child.pid !== undefined) endWithUs({ pid: child.pid, signals: ['KILL', 'KILL'], remove: directory });
  return child;
}

/** A port that nobody listens on at the moment. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}
