/**
 * Claim: which living server works on a directory.
 *
 *   write my claim -> look at the others -> a living one? withdraw, refuse -> dead ones? remove them
 *
 * A claim is a file whose name says which process made it and when that process started, so a claim left by a crash is
 * told from a living server even when its pid has been given to someone else. Nobody ever takes a claim over: each
 * server has its own, which is why two that start at once cannot both win. Both may lose, and try again.
 *
 * A process in another container or on another machine cannot be looked up. Its claim lives as long as the file is
 * touched, which is watched for some seconds.
 */
import { execFile } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { readdir, readFile, readlink, rm, stat, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { promisify } from 'node:util';
import { StartRefused } from './start-refused.ts';

const touchMs = 1_000;
/** How long a claim that cannot be looked up is watched: more than two touches. */
const watchMs = 2_500;
const attempts = 4;
const claimName = /^server\.(\d+)\.(\w+)\.(\w+)\.\w+\.claim$/;

export interface Claim {
  release(): Promise<void>;
}

/**
 * Makes this process the only server on a directory, until it releases the claim or ends.
 *
 * @throws StartRefused when another server lives there
 */
export async function claimDirectory(directory: string): Promise<Claim> {
  const machine = await machineId();
  const started = (await startOf(process.pid)) ?? 'unknown';
  const mine = `server.${process.pid}.${started}.${machine}.${randomBytes(3).toString('hex')}.claim`;
  const path = join(directory, mine);
  for (let attempt = 1; ; attempt += 1) {
    await writeFile(path, '', { mode: 0o600 });
    const owner = await livingOwner(directory, mine, machine);
    if (owner === undefined) break;
    await rm(path, { force: true });
    if (attempt === attempts) {
      throw new StartRefused(
        `Another Gatekey (process ${owner}) is running on ${directory}. Stop it first, or give this one its own DATA_DIR.`,
      );
    }
    // Two that started at once have both withdrawn: the next look comes at a different moment for each.
    await wait(20 + Math.random() * 200);
  }
  // Writing nothing into it moves its modification time, on the clock of the file system.
  const touch = setInterval(() => void writeFile(path, '', { flag: 'r+' }).catch(() => undefined), touchMs).unref();
  return {
    async release() {
      clearInterval(touch);
      await rm(path, { force: true });
    },
  };
}

/** The pid of another living server that claims the directory. Removes the claims of dead ones. */
async function livingOwner(directory: string, mine: string, machine: string): Promise<number | undefined> {
  for (const name of await readdir(directory)) {
    const [, pid, started, place] = claimName.exec(name) ?? [];
    if (pid === undefined || name === mine) continue;
    const path = join(directory, name);
    const lives = place === machine ? (await startOf(Number(pid))) === started : await isTouched(path);
    if (lives) return Number(pid);
    await rm(path, { force: true });
  }
  return undefined;
}

/** Whether someone keeps touching a file. */
async function isTouched(path: string): Promise<boolean> {
  const before = await modifiedMs(path);
  for (let waited = 0; waited < watchMs; waited += 250) {
    await wait(250);
    const now = await modifiedMs(path);
    if (now === undefined) return false;
    if (now !== before) return true;
  }
  return false;
}

async function modifiedMs(path: string): Promise<number | undefined> {
  return (await stat(path).catch(() => undefined))?.mtimeMs;
}

/** Names the space that pids are told in: this boot of this machine, and the container. */
async function machineId(): Promise<string> {
  const boot = await readFile('/proc/sys/kernel/random/boot_id', 'utf8').catch(hostname);
  const pids = await readlink('/proc/self/ns/pid').catch(() => '');
  return digest(`${boot} ${pids}`);
}

/**
 * When a process started, as a word to compare; undefined when it does not live. A process that has ended and was not
 * yet collected by its parent does not live.
 */
export async function startOf(pid: number): Promise<string | undefined> {
  if (process.platform !== 'linux') {
    const { stdout } = await promisify(execFile)('ps', ['-o', 'lstart=', '-p', String(pid)]).catch(() => ({
      stdout: '',
    }));
    return stdout.trim() === '' ? undefined : digest(stdout.trim());
  }
  const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined);
  // proc(5): "pid (name) state …"; the name may hold anything, so count from its last bracket. Field 22 is the start.
  const fields = text?.slice(text.lastIndexOf(')') + 2).split(' ');
  return fields === undefined || fields[0] === 'Z' || fields[0] === 'X' ? undefined : fields[19];
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 10);
}
