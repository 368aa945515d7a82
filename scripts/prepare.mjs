/**
 * Prepare: packages installed, Prisma's client generated, console built. Each only when what it is made from changed.
 *
 * What it was made from is kept as a hash under `node_modules/.gatekey`, so that removing `node_modules` forgets it all.
 * One preparation at a time: a second one waits, and then finds everything done.
 */
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { Failed, root, run, step } from './run.mjs';

const stamps = join(root, 'node_modules', '.gatekey');

/**
 * Makes everything that the server needs, and for the tests also the console's types.
 *
 * @param {import('./tools.mjs').Tools} tools
 * @param {{ forTests?: boolean }} [options]
 */
export async function prepare({ pnpm, env }, { forTests = false } = {}) {
  await alone(async () => {
    await unlessDone({
      name: 'install',
      title: 'Installing the packages',
      sources: ['package.json', 'pnpm-lock.yaml', 'pnpm-workspace.yaml', ...(await manifests())],
      result: 'node_modules/.pnpm',
      work: () => run(pnpm, ['install', '--frozen-lockfile'], { env: { ...env, CI: 'true' } }),
    });
    await Promise.all([
      unlessDone({
        name: 'generate',
        title: 'Generating the database client',
        sources: ['packages/server/prisma/schema.prisma', 'packages/server/prisma.config.ts', 'pnpm-lock.yaml'],
        result: 'packages/server/gen/prisma/client.ts',
        work: () => run(pnpm, ['-C', 'packages/server', 'run', 'generate'], { env }),
      }),
      unlessDone({
        name: 'console',
        title: 'Building the console',
        sources: [
          ...['src', 'static', 'messages', 'project.inlang/settings.json'].map((name) => `packages/console/${name}`),
          ...(await filesOf('packages/console', /\.(html|js|json|ts)$/)),
          'packages/shared/src',
          'packages/server/schema.graphql',
          'pnpm-lock.yaml',
        ],
        result: 'packages/console/build',
        work: () => run(pnpm, ['-C', 'packages/console', 'run', 'build'], { env }),
      }),
      forTests &&
        unlessDone({
          name: 'console-types',
          title: "Generating the console's types",
          sources: ['packages/server/schema.graphql', 'packages/console/tsconfig.json', 'pnpm-lock.yaml'],
          result: 'packages/console/src/gen/graphql-env.d.ts',
          work: () => run(pnpm, ['-C', 'packages/console', 'exec', 'gql.tada', 'generate-output'], { env }),
        }),
    ]);
  });
}

/**
 * Does a piece of work unless its result is there and was made from the same sources.
 *
 * @param {{ name: string, title: string, sources: string[], result: string,
 *           work: () => Promise<{ code: number, output: string }> }} piece  paths from the root
 */
async function unlessDone({ name, title, sources, result, work }) {
  const stamp = join(stamps, name);
  const before = await hashOf(sources);
  const known = existsSync(join(root, result)) ? await readFile(stamp, 'utf8').catch(() => '') : '';
  if (known === before) return;
  await rm(stamp, { force: true });
  await step(title, work);
  await mkdir(stamps, { recursive: true });
  // The hash from before the work: a source that changed meanwhile is not missed.
  await writeFile(stamp, before);
}

/**
 * The hash of files, and of all files in directories, by name and content. What is missing counts as empty, what is generated
 * does not count.
 *
 * @param {string[]} paths
 */
async function hashOf(paths) {
  const hash = createHash('sha256').update(`${process.platform} ${process.arch}`);
  for (const path of [...paths].sort()) {
    for (const file of await filesUnder(path)) {
      hash.update(`\0${file}\0`).update(await readFile(join(root, file)));
    }
  }
  return hash.digest('hex');
}

/**
 * @param {string} path
 * @returns {Promise<string[]>}
 */
async function filesUnder(path) {
  const entries = await readdir(join(root, path), { withFileTypes: true, recursive: true }).catch(() => undefined);
  if (entries === undefined) return existsSync(join(root, path)) ? [path] : [];
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(root.length + 1))
    .filter((name) => !name.includes('/gen/'))
    .sort();
}

/** @returns {Promise<string[]>} the package.json of every package */
async function manifests() {
  return (await readdir(join(root, 'packages'))).map((name) => `packages/${name}/package.json`);
}

/**
 * The files that lie directly in a directory.
 *
 * @param {string} directory
 * @param {RegExp} names
 */
async function filesOf(directory, names) {
  const all = await readdir(join(root, directory)).catch(() => []);
  return all.filter((name) => names.test(name)).map((name) => `${directory}/${name}`);
}

/**
 * Runs the work while no other process of this checkout does.
 *
 * @param {() => Promise<void>} work
 */
async function alone(work) {
  const lock = join(root, '.tools', 'prepare.lock');
  await mkdir(join(root, '.tools'), { recursive: true });
  for (let told = false; !(await take(lock)); told = true) {
    if (!told) console.log('Waiting for another start to finish its preparation');
    await wait(200);
  }
  const free = () => rm(lock, { force: true });
  try {
    await work();
  } finally {
    await free();
  }
}

/**
 * @param {string} lock
 * @returns {Promise<boolean>}  false: someone alive has it
 */
async function take(lock) {
  try {
    await writeFile(lock, String(process.pid), { flag: 'wx' });
    return true;
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) {
      throw new Failed(`Cannot write to ${root}: ${error instanceof Error ? error.message : error}`);
    }
  }
  const owner = Number(await readFile(lock, 'utf8').catch(() => '0'));
  if (owner > 0 && !isAlive(owner)) await rm(lock, { force: true });
  return false;
}

/** @param {number} pid */
function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
