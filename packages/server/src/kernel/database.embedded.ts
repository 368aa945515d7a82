/**
 * Embedded database: a real PostgreSQL of our own, for whoever brings none.
 *
 *   claim the directory -> stop what a crash left -> make the cluster -> start it -> url
 *
 * Promises: one server a directory, a second one is told so in a line. It listens on a socket inside its own directory
 * (0700), on no port; its one role has a generated password in a 0600 file. Confirmed rows outlive `kill -9` of
 * everything; the next start comes up by itself. `stop` waits until it is gone. When this process is killed, a guardian
 * ends PostgreSQL; when that was killed too, the next start does.
 */
import type { ChildProcess } from 'node:child_process';
import { mkdir, mkdtemp, rm, stat, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as wait } from 'node:timers/promises';
import pg from 'pg';
import { claimDirectory } from './claim.ts';
import { lastLine, prepareCluster } from './database.embedded.cluster.ts';
import { stopOrphan } from './database.embedded.orphan.ts';
import { findPrograms, type Programs } from './database.embedded.program.ts';
import { watchShutdown } from './database.embedded.shutdown.ts';
import { endWithUs } from './guardian.ts';
import type { Log } from './log.ts';
import { StartRefused } from './start-refused.ts';

export interface EmbeddedDatabase {
  /** For any PostgreSQL client on this machine that runs as us. Holds the password. */
  readonly url: string;
  /** Settles with the reason when PostgreSQL has ended although nobody asked `stop`, or has been ending for 10 s. */
  readonly broken: Promise<string>;
  /** Ends PostgreSQL and waits for it. Safe to call twice. */
  stop(): Promise<void>;
}

export interface EmbeddedOptions {
  readonly dataDir: string;
  readonly log: Log;
  /** Added to or put over the settings below, for tests. */
  readonly settings?: Readonly<Record<string, string>>;
  /** How long it may be ending before it counts as broken, for tests, ms. */
  readonly shutdownMs?: number;
}

/** Small, and safe: `fsync` and `full_page_writes` stay on. */
const smallSettings = {
  listen_addresses: '',
  port: '5432', // of the socket's name only
  unix_socket_directories: '.',
  unix_socket_permissions: '0700',
  max_connections: '50',
  shared_buffers: '64MB',
  max_wal_size: '512MB',
  wal_level: 'minimal',
  max_wal_senders: '0',
  io_method: 'sync', // three processes fewer
  jit: 'off',
  timezone: 'UTC',
  log_timezone: 'UTC',
  log_min_messages: 'warning',
  log_min_error_statement: 'panic', // a statement may hold what no log should
  log_checkpoints: 'off',
} as const;

/** How long the processes of a killed PostgreSQL may need to notice. */
const crashPatienceMs = 15_000;
/** What ends by itself sooner needs nobody who ends with it. */
const shutdownMs = 10_000;
/** `sun_path` holds 108 bytes on Linux and 104 on macOS. */
const longestSocketPath = 100;

/**
 * Starts PostgreSQL on `<dataDir>/postgres`; makes it first when it is not there.
 *
 * @throws StartRefused with one line for whoever started us
 */
export async function startEmbeddedDatabase(options: EmbeddedOptions): Promise<EmbeddedDatabase> {
  const { log } = options;
  const dataDir = resolve(options.dataDir);
  const clusterDir = join(dataDir, 'postgres');
  await makeDataDir(dataDir);
  const claim = await claimDirectory(dataDir);
  try {
    const programs = await findPrograms(clusterDir);
    await stopOrphan(clusterDir, log);
    const password = await prepareCluster({ dataDir, clusterDir, programs, log });
    const socket = await socketPath(clusterDir);
    const url = `postgresql://gatekey:${password}@localhost/gatekey?host=${encodeURIComponent(socket.directory)}`;
    const child = await startUntilReady({ clusterDir, programs, url, log, settings: options.settings ?? {} });
    const release = async () => {
      await socket.remove();
      await claim.release();
    };
    return running(child, { clusterDir, url, log, shutdownMs: options.shutdownMs ?? shutdownMs, release });
  } catch (error) {
    await claim.release();
    throw error;
  }
}

async function makeDataDir(dataDir: string): Promise<void> {
  try {
    const me = process.getuid?.();
    // Root's PostgreSQL runs as another account, which has to pass through; what lies inside is closed by itself.
    await mkdir(dataDir, { recursive: true, mode: me === 0 ? 0o711 : 0o700 });
    const { uid } = await stat(dataDir);
    if (me !== undefined && me !== 0 && uid !== me)
      throw new StartRefused(`DATA_DIR ${dataDir} belongs to another account.`);
  } catch (error) {
    if (error instanceof StartRefused) throw error;
    throw new StartRefused(`DATA_DIR ${dataDir} cannot be made: ${error instanceof Error ? error.message : error}`);
  }
}

/** A path to the cluster that is short enough for a socket: the cluster's own, else a link to it. */
async function socketPath(clusterDir: string): Promise<{ directory: string; remove(): Promise<void> }> {
  if (Buffer.byteLength(join(clusterDir, '.s.PGSQL.5432')) <= longestSocketPath) {
    return { directory: clusterDir, remove: () => Promise.resolve() };
  }
  const shelter = await mkdtemp(join(tmpdir(), 'gatekey-'));
  await symlink(clusterDir, join(shelter, 'postgres'));
  return { directory: join(shelter, 'postgres'), remove: () => rm(shelter, { recursive: true, force: true }) };
}

interface StartNeeds {
  clusterDir: string;
  programs: Programs;
  url: string;
  log: Log;
  settings: Readonly<Record<string, string>>;
}

/** Starts PostgreSQL; again for some seconds while the processes of a crashed one hold its memory. */
async function startUntilReady(needs: StartNeeds): Promise<ChildProcess> {
  for (let waitedMs = 0; ; waitedMs += 250) {
    const flags = Object.entries({ ...smallSettings, ...needs.settings }).flatMap(([name, value]) => [
      '-c',
      `${name}=${value}`,
    ]);
    const child = await needs.programs.run('postgres', needs.clusterDir, flags);
    if (child.pid !== undefined) endWithUs({ pid: child.pid, signals: ['INT', 'QUIT'] });
    const words = forwardWords(child, needs.log);
    if (await isReady(child, needs.url, needs.log)) return child;
    const reason = lastLine(words.join('\n'));
    const lateChildren = /pre-existing shared memory block|lock file .* already exists/.test(reason);
    if (!lateChildren || waitedMs >= crashPatienceMs) {
      throw new StartRefused(`The embedded database does not start: ${reason}`);
    }
    await wait(250);
  }
}

/** Hands PostgreSQL's own log to ours, a line at a time, and keeps the last ones to explain a failed start. */
function forwardWords(child: ChildProcess, log: Log): readonly string[] {
  const last: string[] = [];
  child.stdout?.resume();
  child.stdin?.end();
  if (child.stderr === null) return last;
  createInterface({ input: child.stderr }).on('line', (line) => {
    last.push(line);
    if (last.length > 20) last.shift();
    // A FATAL is of one session: mostly someone who came while it started.
    if (/(PANIC|WARNING):/.test(line)) log.warn({ postgres: line }, 'the database complains');
    else log.debug({ postgres: line }, 'the database says');
  });
  return last;
}

/** Waits until PostgreSQL answers (a recovery may take its time), or has ended: then false. */
async function isReady(child: ChildProcess, url: string, log: Log): Promise<boolean> {
  let ended = false;
  const end = new Promise<void>((done) => {
    child.once('error', () => done());
    child.once('close', () => done());
  }).then(() => {
    ended = true;
  });
  for (let waitedMs = 0; !ended; waitedMs += 25) {
    const refusal = await knock(url);
    if (refusal === undefined) return true;
    if (refusal === '28P01') {
      await stopChild(child, log);
      throw new StartRefused('The embedded database refuses the password in DATA_DIR/postgres.password.');
    }
    if (waitedMs === 10_000) log.info({}, 'the database is recovering');
    await Promise.race([wait(25), end]);
  }
  return false;
}

/** Connects once. @returns why not, as the error's code */
async function knock(url: string): Promise<string | undefined> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 2_000 });
  client.on('error', () => undefined);
  try {
    await client.connect();
    return undefined;
  } catch (error) {
    return error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
  } finally {
    await client.end().catch(() => undefined);
  }
}

interface RunNeeds {
  clusterDir: string;
  url: string;
  log: Log;
  shutdownMs: number;
  release(): Promise<void>;
}

function running(child: ChildProcess, { clusterDir, url, log, shutdownMs, release }: RunNeeds): EmbeddedDatabase {
  const broken = Promise.withResolvers<string>();
  let asked = false;
  const shutdown = watchShutdown(clusterDir, shutdownMs, () => {
    if (!asked) broken.resolve('the embedded database was told to end by somebody else');
  });
  const exited = new Promise<void>((done) => {
    child.once('close', () => done());
    if (child.exitCode !== null || child.signalCode !== null) done();
  }).then(async () => {
    if (!asked) {
      log.error({ code: child.exitCode, signal: child.signalCode }, 'the embedded database is gone');
      broken.resolve('the embedded database ended by itself');
    }
    await shutdown.end();
    await release();
  });
  return {
    url,
    broken: broken.promise,
    async stop() {
      asked = true;
      await stopChild(child, log);
      await exited;
    },
  };
}

/** Fast shutdown: PostgreSQL ends its sessions, writes a checkpoint and goes. Immediate when that takes too long. */
async function stopChild(child: ChildProcess, log: Log): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise<boolean>((done) => child.once('exit', () => done(true)));
  child.kill('SIGINT');
  if (await Promise.race([gone, wait(15_000, false, { ref: false })])) return;
  log.warn({}, 'the database stops too slowly, ending it at once; nothing is lost');
  child.kill('SIGQUIT');
  await gone;
}
