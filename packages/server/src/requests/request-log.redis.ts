/**
 * Request log in Redis: one stream for each workspace, which all servers write and read.
 *
 *   note, note, note … -> waiting -> every 100 ms a script call for many -> the stream of each workspace
 *
 * What cannot be written is dropped, not kept: a timed-out call may have run, and people look at what happens now.
 * Bound: `mostWaiting` entries here; there `keptEntries` and up to a hundred more, for a day after the last one.
 */
import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { createScript, type RedisClient, runScript } from '../kernel/redis.ts';
import { type LoggedRequest, packEntry, unpackEntry } from './entry.ts';
import { keptEntries, LogAway, type PlacedRequest, type RequestLog } from './request-log.ts';
import { createRing } from './ring.ts';

const appendScript = createScript(readFileSync(new URL('./append.lua', import.meta.url), 'utf8'));
const newestScript = createScript(readFileSync(new URL('./newest.lua', import.meta.url), 'utf8'));

const writeEveryMs = 100;
/** In one script call: what Redis does within some 0.5 ms, in which it serves nobody else. */
const mostAtOnce = 256;
const keptMs = 86_400_000;
/** On their way to Redis: 20,000 a second go through. */
const mostWaiting = 2_000;

interface Needs {
  readonly redis: RedisClient;
  /** Is told of a workspace when entries of it are there to be read. */
  readonly onWritten: (workspaceId: string) => void;
}
interface Waiting {
  readonly workspaceId: string;
  readonly entry: LoggedRequest;
}

// The braces put it on one slot of a cluster.
const logOf = (workspaceId: string) => `gatekey:{${workspaceId}}:requests`;

/** Opens one. */
export function createRedisRequestLog({ redis, onWritten }: Needs): RequestLog {
  const waiting = createRing<Waiting>(mostWaiting);
  let dropped = 0;
  let timer: NodeJS.Timeout | undefined;
  let writing: Promise<void> | undefined;

  const append = async (batch: readonly Waiting[]): Promise<void> => {
    const byWorkspace = Map.groupBy(batch, ({ workspaceId }) => workspaceId);
    const keys = Array.from(byWorkspace.keys(), logOf);
    const values: (string | number)[] = [keptEntries, keptMs];
    for (const own of byWorkspace.values()) {
      values.push(own.length);
      for (const { entry } of own) values.push(packEntry(entry));
    }
    try {
      await runScript(redis, appendScript, keys, values);
      for (const workspaceId of byWorkspace.keys()) onWritten(workspaceId);
    } catch {
      // Whoever watches the server sees it in the metrics, and Redis itself says that it is away.
      dropped += batch.length;
    }
  };

  const write = async (): Promise<void> => {
    timer = undefined;
    await Promise.all(batchesOf(waiting.drain(), redis.isCluster).map(append));
    writing = undefined;
    if (waiting.size() > 0) writeSoon();
  };
  const writeSoon = () => {
    timer = setTimeout(() => {
      writing = write();
    }, writeEveryMs);
  };

  return {
    note(workspaceId, entry) {
      if (waiting.push({ workspaceId, entry })) dropped += 1;
      if (timer === undefined && writing === undefined) writeSoon();
    },
    async page(workspaceId, { newerThan, olderThan, isOldestFirst }, count) {
      const [from, to] = [newerThan ? `(${newerThan}` : '-', olderThan ? `(${olderThan}` : '+'];
      const log = logOf(workspaceId);
      const asked = isOldestFirst
        ? redis.xrange(log, from, to, 'COUNT', count)
        : redis.xrevrange(log, to, from, 'COUNT', count);
      return (await answerOf(asked)).flatMap(([place, [, text = '']]) => placed(place, text));
    },
    async newest(workspaceId, seen, most) {
      const answer = await answerOf(runScript(redis, newestScript, [logOf(workspaceId)], [seen, most]));
      const [total, rows] = End.parse(answer);
      return { total, entries: rows.reverse().flatMap(([place, [, text]]) => placed(place, text)) };
    },
    dropped: () => dropped,
    async close() {
      clearTimeout(timer);
      await writing;
      clearTimeout(timer);
      await write();
    },
  };
}

/**
 * Entries of a workspace stand together: each workspace in a batch is a key and an expiry more.
 *
 * @param isCluster  where a script call can only reach one slot, so each workspace has its own
 */
function batchesOf(all: readonly Waiting[], isCluster: boolean): Waiting[][] {
  const byWorkspace = [...Map.groupBy(all, ({ workspaceId }) => workspaceId).values()];
  if (isCluster) return byWorkspace;
  const grouped = byWorkspace.flat();
  const count = Math.ceil(grouped.length / mostAtOnce);
  return Array.from({ length: count }, (_, index) => grouped.slice(index * mostAtOnce, (index + 1) * mostAtOnce));
}

const Text = z.instanceof(Buffer).transform(String);
const End = z.tuple([z.number(), z.array(z.tuple([Text, z.tuple([Text, Text])]))]);

function placed(place: string, text: string): PlacedRequest[] {
  const entry = unpackEntry(text);
  return entry === undefined ? [] : [{ ...entry, place }];
}

function answerOf<T>(answer: Promise<T>): Promise<T> {
  return answer.catch((cause: unknown) => {
    throw new LogAway('Redis did not answer', { cause });
  });
}
