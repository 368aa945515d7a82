/**
 * Redis: connections that fail soon and come back soon, instead of queueing what may never be answered.
 *
 * The settings belong together: with the library's own ones a dead server costs minutes, and a lost reply is sent again,
 * which counts a call twice. A command that timed out may still have run; nobody here sends it again.
 */
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { Cluster, Redis, type RedisOptions } from 'ioredis';
import type { Log } from './log.ts';

/** A connection that sends. Several URLs are the nodes of a cluster. */
export type RedisClient = Redis | Cluster;
/** A connection that listens, to one node. */
export type RedisSubscriber = Redis;

/**
 * Patience with one command. A stalled turn of this process counts into it, for its timer fires before the late reply
 * is read; hence more than a server on the same network ever needs.
 */
const commandTimeoutMs = 250;
const longestRetryMs = 500;
/** How long a start waits for a connection; then it goes on, and the connection comes when it comes. */
const startPatienceMs = 5_000;

// Jitter keeps many servers from coming back in one moment.
const retryDelay = (attempt: number) => Math.min(50 * 2 ** attempt, longestRetryMs) * (0.75 + Math.random() / 2);

const settings = {
  enableOfflineQueue: false,
  maxRetriesPerRequest: 0,
  autoResendUnfulfilledCommands: false,
  commandTimeout: commandTimeoutMs,
  connectTimeout: 1_000,
  socketTimeout: 1_500,
  retryStrategy: retryDelay,
  // The bus does it itself: the library's own attempt, when it fails, ends the process by an unhandled rejection.
  autoResubscribe: false,
} satisfies RedisOptions;

interface Needs {
  /** At least one; several are nodes of one cluster. */
  readonly urls: readonly string[];
  readonly log: Log;
}

/** Opens a connection and waits for it, though not for long. */
export async function connectRedis({ urls, log }: Needs): Promise<RedisClient> {
  const [first = '', ...others] = urls;
  const client =
    others.length === 0
      ? new Redis(first, settings)
      : new Cluster([...urls], { redisOptions: settings, enableOfflineQueue: false, clusterRetryStrategy: retryDelay });
  return begun(client, log);
}

/**
 * Opens a connection for pub/sub and waits for it, though not for long.
 *
 * In a cluster it is a plain connection to one node, which hears what is published on any, and each new attempt goes to
 * the next URL: the library's cluster client makes its listening connection without our settings and tells nobody when
 * that is lost. The nodes share what the first URL says of user, password and TLS.
 *
 * No patience with one command: a subscription given up would be neither there nor known to be missing. A line that
 * keeps silent is closed after `socketTimeout`, and then everything is subscribed anew.
 */
export async function connectSubscriber({ urls, log }: Needs): Promise<RedisSubscriber> {
  const { commandTimeout: _patience, ...patient } = settings;
  const nodes = urls.map(nodeOf);
  let turn = 0;
  const client: Redis = new Redis(urls[0] ?? '', {
    ...patient,
    retryStrategy(attempt) {
      turn += 1;
      Object.assign(client.options, nodes[turn % nodes.length]);
      return retryDelay(attempt);
    },
  });
  return begun(client, log);
}

function nodeOf(url: string): { host: string; port: number } {
  const { hostname, port } = new URL(url);
  return { host: hostname.replace(/^\[|\]$/g, ''), port: Number(port || 6379) };
}

async function begun<Client extends RedisClient>(client: Client, log: Log): Promise<Client> {
  // Without a listener an error would end the process.
  client.on('error', (error: unknown) => log.debug({ err: error }, 'a Redis connection failed'));
  client.on('close', () => log.warn({}, 'Redis is away'));
  client.on('ready', () => log.info({}, 'Redis is there'));
  await once(client, 'ready', { signal: AbortSignal.timeout(startPatienceMs) }).catch(() => undefined);
  return client;
}

/** Ends a connection; what it was still asked is rejected. */
export function disconnectRedis(client: RedisClient): void {
  // It goes because we say so, which is no news.
  client.removeAllListeners('close');
  client.disconnect();
}

/** A Lua script and the name that Redis knows it by. */
export interface Script {
  readonly source: string;
  readonly sha: string;
}

export function createScript(source: string): Script {
  return { source, sha: createHash('sha1').update(source).digest('hex') };
}

/**
 * Runs a script by its name. A server that does not know it has run nothing, so it is sent whole then.
 *
 * @returns what the script returns, unread; text as bytes
 * @throws what the connection throws, within the command's time-out
 */
export async function runScript(
  client: RedisClient,
  { source, sha }: Script,
  keys: readonly string[],
  values: readonly (string | number)[],
): Promise<unknown> {
  try {
    return await client.callBuffer('EVALSHA', [sha, keys.length, ...keys, ...values]);
  } catch (error) {
    if (!(error instanceof Error && error.message.startsWith('NOSCRIPT'))) throw error;
    return client.callBuffer('EVAL', [source, keys.length, ...keys, ...values]);
  }
}

/** Whether every node of it answers. @throws what the connection throws, within the command's time-out */
export async function pingRedis(client: RedisClient): Promise<void> {
  const nodes = client instanceof Cluster ? client.nodes('master') : [client];
  await Promise.all(nodes.map((node) => node.ping()));
}
