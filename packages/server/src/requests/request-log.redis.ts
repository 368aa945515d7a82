/**
 * Request log in Redis: one stream for each workspace, which all servers write and read.
 *
 *   note, note, note … -> waiting -> every 100 ms one script call a workspace -> its stream
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

  const append = async (workspaceId: string, batch: readonly Waiting[]): Promise<void> => {
    try {
      const values = [keptEntries, keptMs, ...batch.map(({ entry }) => packEntry(entry))];
      await runScript(redis, appendScript, [logOf(workspaceId)], values);
      onWritten(workspaceId);
    } catch {
      // Whoever watches the server sees it in the metrics, and Redis itself says that it is away.
      dropped += batch.length;
    }
  };

  const write = async (): Promise<void> => {
    timer = undefined;
    const byWorkspace = Map.groupBy(waiting.drain(), ({ workspaceId }) => workspaceId);
    await Promise.all(Array.from(byWorkspace, ([workspaceId, batch]) => append(workspaceId, batch)));
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
