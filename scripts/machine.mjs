/**
 * Machine: what the tests need and no package brings: Redis, Chromium, curl, Python, and the proxies of the recipes in
 * `docs/`. As root on Debian they are installed; elsewhere one line says what is missing. No test is left out for want of
 * them.
 */
import { existsSync } from 'node:fs';
import { chmod, rm, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { Failed, run, step } from './run.mjs';

const oldestRedis = 7;
const chromiumNames = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];
const macChrome = '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome';

/** @typedef {readonly [name: string, isThere: () => boolean | Promise<boolean>]} Need  a Debian package, and whether it is there */

/** @type {(name: string) => Need} */
const program = (name) => [name, () => find(name) !== undefined];
/** @type {(name: string, module: string) => Need} */
const pythonModule = (name, module) => [
  name,
  async () => (await run('/usr/bin/python3', ['-c', `import ${module}`])).code === 0,
];

/** @type {Record<'bench' | 'tests', Need[]>} */
const needs = {
  bench: [['redis-server', async () => (await redisVersion()) >= oldestRedis], program('nginx')],
  tests: [
    ['chromium', () => findChromium() !== undefined],
    ...['curl', 'python3', 'haproxy', 'caddy'].map(program),
    pythonModule('python3-jwt', 'jwt'),
    pythonModule('python3-cryptography', 'cryptography'),
    pythonModule('python3-fastapi', 'fastapi'),
    pythonModule('uvicorn', 'uvicorn'),
  ],
};

/**
 * Finds them, or installs them.
 *
 * @param {{ forTests?: boolean }} [options]
 * @returns {Promise<{ CHROMIUM_PATH?: string }>}  for the environment of the tests
 */
export async function bringMachineParts({ forTests = true } = {}) {
  const needed = forTests ? [...needs.bench, ...needs.tests] : needs.bench;
  const packages = await missingOf(needed);
  if (packages.length > 0) await install(packages);
  const still = await missingOf(needed);
  if (still.length > 0) throw missing(still);
  return { CHROMIUM_PATH: findChromium() };
}

/** @param {Need[]} needed */
async function missingOf(needed) {
  const found = await Promise.all(needed.map(async ([name, isThere]) => ((await isThere()) ? [] : [name])));
  return found.flat();
}

/** @param {string[]} packages */
async function install(packages) {
  if (process.getuid?.() !== 0 || find('apt-get') === undefined) throw missing(packages);
  await withoutServices(async () => {
    const env = { DEBIAN_FRONTEND: 'noninteractive' };
    await step('Updating the list of packages', () => run('apt-get', ['update'], { env }));
    await step(`Installing ${packages.join(' and ')}`, () => run('apt-get', ['install', '-y', ...packages], { env }));
  });
}

/**
 * Debian starts a service with its package. Ours is started by the tests: the system's own way says no to that here.
 *
 * @param {() => Promise<void>} work
 */
async function withoutServices(work) {
  const policy = '/usr/sbin/policy-rc.d';
  if (existsSync(policy)) return work();
  await writeFile(policy, '#!/bin/sh\nexit 101\n');
  await chmod(policy, 0o755);
  try {
    await work();
  } finally {
    await rm(policy, { force: true });
  }
}

/** @param {string[]} packages */
function missing(packages) {
  return new Failed(
    `On PATH there must be, and is not: ${packages.join(', ')} (redis-server ${oldestRedis} or newer).`,
  );
}

/** @returns {Promise<number>} the major version; 0 when there is none */
async function redisVersion() {
  const { output } = await run('redis-server', ['--version']);
  return Number(/v=(\d+)/.exec(output)?.[1] ?? 0);
}

/** @returns {string | undefined} */
function findChromium() {
  const named = process.env.CHROMIUM_PATH;
  if (named !== undefined && existsSync(named)) return named;
  return chromiumNames.map(find).find((path) => path !== undefined) ?? (existsSync(macChrome) ? macChrome : undefined);
}

/**
 * @param {string} program
 * @returns {string | undefined}  its path
 */
function find(program) {
  // Debian has servers in /usr/sbin, which is not on everybody's PATH.
  const directories = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin'];
  return directories.map((directory) => join(directory, program)).find((path) => existsSync(path));
}
