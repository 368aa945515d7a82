/** Running other programs: in the root of the checkout, ended when we are. */
import { spawn } from 'node:child_process';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** Something did not work out; the message says what, and everything else was already said. */
export class Failed extends Error {}

/** @type {Set<import('node:child_process').ChildProcess>} */
const running = new Set();

for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])) {
  process.on(signal, () => {
    // The server is not in this set: `serve` forwards to it and waits.
    for (const child of running) child.kill('SIGTERM');
    if (running.size > 0) setTimeout(() => process.exit(130), 500);
    else if (!isServing()) process.exit(130);
  });
}

let serving = false;
/** From now on signals are `serve`'s business. */
export function startServing() {
  serving = true;
}
function isServing() {
  return serving;
}

/**
 * @typedef {object} Run
 * @property {Record<string, string | undefined>} [env]  added to ours
 * @property {string} [cwd]  the root unless told
 * @property {boolean} [live]  its output goes straight to the terminal; else it is kept
 */

/**
 * Runs a program to its end.
 *
 * @param {string} program
 * @param {string[]} args
 * @param {Run} [options]
 * @returns {Promise<{ code: number, output: string }>}  127 when it does not exist
 */
export function run(program, args, { env = {}, cwd = root, live = false } = {}) {
  return new Promise((resolve) => {
    const child = spawn(program, args, {
      cwd,
      env: { ...process.env, ...env },
      stdio: live ? ['ignore', 'inherit', 'inherit'] : ['ignore', 'pipe', 'pipe'],
    });
    running.add(child);
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding('utf8').on('data', (/** @type {string} */ text) => {
        output += text;
      });
    }
    const end = (/** @type {number | null} */ code) => {
      running.delete(child);
      resolve({ code: code ?? 1, output });
    };
    child.once('error', (error) => {
      output += error.message;
      end(127);
    });
    child.once('close', end);
  });
}

/**
 * One step of a preparation: says what it does, how long it took, and shows the program's words only when it fails.
 *
 * @param {string} title  as "Installing the packages"
 * @param {() => Promise<{ code: number, output: string }>} work
 */
export async function step(title, work) {
  const started = performance.now();
  console.log(`${title} …`);
  const { code, output } = await work();
  if (code !== 0) throw new Failed(`${output.trimEnd()}\n${title}: failed`);
  console.log(`${title}: done in ${((performance.now() - started) / 1000).toFixed(1)} s`);
}
