/** The real server as a process of its own, as a person would start it: embedded PostgreSQL, and Redis where asked for. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

export interface Server {
  readonly url: string;
  /** Ends it as a crash does: at once, without a word to anybody. */
  kill(): Promise<void>;
  /** Starts it after that, at the same URL and on the same data. */
  startAgain(): Promise<void>;
  stop(): Promise<void>;
}

const main = fileURLToPath(new URL('../../server/src/main.ts', import.meta.url));

interface Settings {
  /** Counts in Redis, else in the server's process. */
  readonly withRedis: boolean;
  /** Beside what every server here has. */
  readonly env?: Readonly<Record<string, string>>;
}

/** Starts a server on an empty database. */
export async function startServer({ withRedis, env: others = {} }: Settings): Promise<Server> {
  const directory = await mkdtemp(join(tmpdir(), 'gatekey-e2e-'));
  const redis = withRedis ? await startRedis(directory) : undefined;
  const env = {
    ...process.env,
    PORT: '0',
    DATA_DIR: join(directory, 'data'),
    LOG_LEVEL: 'warn',
    REDIS_URL: redis?.url ?? '',
    ...others,
  };
  const first = await serve(env);
  const { url } = first;
  let { child } = first;
  return {
    url,
    kill: () => end(child, 'SIGKILL'),
    async startAgain() {
      ({ child } = await serve({ ...env, PORT: new URL(url).port }));
    },
    async stop() {
      await end(child, 'SIGTERM');
      if (redis !== undefined) await end(redis.child, 'SIGTERM');
      await rm(directory, { recursive: true, force: true });
    },
  };
}

/** Runs the server. @returns it when it is ready */
async function serve(env: NodeJS.ProcessEnv): Promise<{ child: ChildProcess; url: string }> {
  const child = spawn(process.execPath, [main, 'serve'], { env, stdio: ['ignore', 'pipe', 'inherit'] });
  return { child, url: await firstMatch(child, /ready on (http:\S+)/) };
}

async function startRedis(directory: string): Promise<{ url: string; child: ChildProcess }> {
  const port = String(await freePort());
  const child = spawn('redis-server', ['--port', port, '--bind', '127.0.0.1', '--save', '', '--dir', directory], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await firstMatch(child, /(Ready to accept connections)/);
  return { url: `redis://127.0.0.1:${port}`, child };
}

/** The first group of the first line of output that matches. @throws when the process ends before */
function firstMatch(child: ChildProcess, pattern: RegExp): Promise<string> {
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`ended with ${code} before it was ready`)));
    if (child.stdout === null) return reject(new Error('no output to read'));
    createInterface({ input: child.stdout }).on('line', (line) => {
      const found = pattern.exec(line)?.[1];
      if (found !== undefined) resolve(found);
    });
  });
}

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill(signal);
  await ended;
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const address = probe.address();
  probe.close();
  await once(probe, 'close');
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}
