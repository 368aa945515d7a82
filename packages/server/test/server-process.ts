/** The server as its own process, and what it leaves behind. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { expect } from 'vitest';
import { startOf } from '../src/kernel/claim.ts';

/** The ways to start it: as the program itself, as `npm start` does, and as a demo. */
export const programs = {
  demo: [fileURLToPath(new URL('../src/main.ts', import.meta.url)), 'demo'],
  main: [fileURLToPath(new URL('../src/main.ts', import.meta.url)), 'serve'],
  launcher: [fileURLToPath(new URL('../../../scripts/gatekey.mjs', import.meta.url)), 'start'],
} as const;

export interface ServerProcess {
  readonly child: ChildProcess;
  /** The address in the line that says it is ready. */
  readonly url: string;
  /** It and all that it started. */
  readonly pids: readonly number[];
}

/** Starts a program with an environment of only this, and a channel that tells it when we are gone. */
export function run(program: readonly string[], env: Record<string, string>): ChildProcess {
  return spawn(process.execPath, [...program], {
    env: { PATH: process.env.PATH, HOME: process.env.HOME, ...env },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
}

/** Waits for the line that says it is ready. @throws with its words when it ends before */
export async function ready(child: ChildProcess): Promise<ServerProcess> {
  const url = await new Promise<string>((resolve, reject) => {
    let words = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding('utf8').on('data', (chunk: string) => {
        words += chunk;
        const found = /http:\/\/127\.0\.0\.1:\d+/.exec(words)?.[0];
        if (found !== undefined) resolve(found);
      });
    }
    child.once('exit', (code) => reject(new Error(`it ended with ${code} before it was ready:\n${words}`)));
  });
  return { child, url, pids: family(child.pid ?? 0) };
}

/** Kills what still runs, as a clean-up. */
export async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  child.kill('SIGKILL');
  await gone;
}

/** Waits until none of the processes lives. */
export async function expectGone(pids: readonly number[]): Promise<void> {
  const living = async () => {
    const starts = await Promise.all(pids.map(startOf));
    return pids.filter((_, index) => starts[index] !== undefined);
  };
  await expect.poll(living, { timeout: 10_000 }).toEqual([]);
}

/** A process and all its descendants. */
function family(pid: number): number[] {
  const below = spawnSync('pgrep', ['-P', String(pid)], { encoding: 'utf8' })
    .stdout.split('\n')
    .filter(Boolean);
  return [pid, ...below.flatMap((child) => family(Number(child)))];
}
