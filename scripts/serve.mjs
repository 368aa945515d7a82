/**
 * Serve: the server as our own child, which never outlives us.
 *
 * Signals to us go on to it. When we are killed, it sees the channel between us close and stops by itself. When npm is
 * killed above us, we see that our parent changed and stop it.
 */
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { constants } from 'node:os';
import { join } from 'node:path';
import { root, startServing } from './run.mjs';

/** The server promises to be gone 25 s after the signal. */
const patienceMs = 30_000;
const lookMs = 500;
/** Young objects of a request die before they are moved: measured, a fifth less time in the collector. */
const nodeFlags = ['--max-semi-space-size=64', '--min-semi-space-size=64'];

/**
 * Runs the server until it ends.
 *
 * @param {import('./tools.mjs').Tools} tools
 * @param {string[]} args  what to serve, a word of `main.ts`
 * @returns {Promise<number>}  its exit code
 */
export function serve(tools, args) {
  startServing();
  const child = spawn(tools.node, [...nodeFlags, join(root, 'packages/server/src/main.ts'), ...args], {
    cwd: root,
    env: { ...process.env, ...tools.env },
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
  });
  /** @param {NodeJS.Signals} signal */
  const stop = (signal) => {
    child.kill(signal);
    setTimeout(() => child.kill('SIGKILL'), patienceMs).unref();
  };
  process.on('SIGINT', () => stop('SIGINT'));
  process.on('SIGTERM', () => stop('SIGTERM'));
  process.on('SIGHUP', () => stop('SIGTERM'));
  whenNpmIsGone(() => stop('SIGTERM'));
  return new Promise((resolve) => {
    child.once('error', (error) => {
      console.error(`The server cannot be started: ${error.message}`);
      resolve(1);
    });
    child.once('exit', (code, signal) => resolve(code ?? 128 + (signal === null ? 0 : constants.signals[signal])));
  });
}

/**
 * Calls back when the npm that started us has ended without telling us (`kill -9`). Started by hand we are left alone:
 * a shell may go and leave us running on purpose.
 *
 * @param {() => void} callback
 */
function whenNpmIsGone(callback) {
  if (process.env.npm_lifecycle_event === undefined) return;
  const above = ancestors();
  const timer = setInterval(() => {
    const now = ancestors();
    if (above.every((pid, index) => pid === now[index])) return;
    clearInterval(timer);
    callback();
  }, lookMs).unref();
}

/** Our parent, and its parent when a shell stands between npm and us. */
function ancestors() {
  const parent = process.ppid;
  try {
    const stat = readFileSync(`/proc/${parent}/stat`, 'utf8');
    const name = stat.slice(stat.indexOf('(') + 1, stat.lastIndexOf(')'));
    if (/^(ba|da|z|k|a)?sh$/.test(name)) return [parent, Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1])];
  } catch {
    // No /proc: the parent has to do.
  }
  return [parent];
}
