/**
 * Tools: Node.js and pnpm in the versions we are tested with, from npm into `.tools/`.
 *
 * The packages of the platform are taken directly: they hold the program and need no install script. Each lies in a
 * directory of its version, moved there whole, so there is never half a tool and a new version is a new directory.
 */
import { existsSync } from 'node:fs';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { delimiter, dirname, join } from 'node:path';
import { Failed, root, run, step } from './run.mjs';

const nodeVersion = '24.21.0';
const pnpmVersion = '12.21.0';
const oldestNode = 24;

/**
 * @typedef {object} Tools
 * @property {string} node  path of the program
 * @property {string} pnpm  path of the program
 * @property {Record<string, string>} env  an environment in which both are found by name
 */

/**
 * Brings the tools that are missing.
 *
 * @returns {Promise<Tools>}
 */
export async function bringTools() {
  const [node, pnpm] = await Promise.all([bringNode(), bringPnpm()]);
  const path = [dirname(node), dirname(pnpm), process.env.PATH].join(delimiter);
  return { node, pnpm, env: { PATH: path } };
}

/** @returns {Promise<string>} */
async function bringNode() {
  if (Number(process.versions.node.split('.')[0]) >= oldestNode) return process.execPath;
  // The name without "-bin" was taken on npm by someone else.
  const prefix = process.platform === 'darwin' && process.arch === 'arm64' ? 'node-bin' : 'node';
  return bring(`${prefix}-${process.platform}-${process.arch}`, nodeVersion, 'bin/node', `Node.js ${nodeVersion}`);
}

/** @returns {Promise<string>} */
async function bringPnpm() {
  const libc = isMusl() ? '-musl' : '';
  return bring(`@pnpm/exe.${process.platform}-${process.arch}${libc}`, pnpmVersion, 'pnpm', `pnpm ${pnpmVersion}`);
}

/**
 * @param {string} name  of the npm package
 * @param {string} version
 * @param {string} program  path in the package
 * @param {string} title
 * @returns {Promise<string>}  path of the program
 */
async function bring(name, version, program, title) {
  const home = join(root, '.tools', `${name.replace(/^.*\//, '')}-${version}`);
  const path = join(home, 'node_modules', name, program);
  if (existsSync(path)) return path;
  const draft = `${home}.${process.pid}`;
  await mkdir(draft, { recursive: true });
  await writeFile(join(draft, 'package.json'), '{ "private": true }');
  try {
    await step(`Getting ${title}`, () => {
      const flags = ['--no-audit', '--no-fund', '--ignore-scripts', '--no-save', '--global=false', '--prefix', draft];
      return run('npm', ['install', ...flags, `${name}@${version}`], { cwd: draft });
    });
    // Another start may have been faster: its copy is as good.
    await rename(draft, home).catch(() => undefined);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Failed(`${reason}\nGatekey needs ${title}: npm could not install ${name}@${version}.`);
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
  return path;
}

/** Whether this Linux has no glibc (Alpine). */
function isMusl() {
  if (process.platform !== 'linux') return false;
  const report = /** @type {{ header?: { glibcVersionRuntime?: string } }} */ (process.report?.getReport() ?? {});
  return report.header?.glibcVersionRuntime === undefined;
}
