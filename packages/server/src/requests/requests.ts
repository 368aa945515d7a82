/**
 * Requests: what the guarded calls of a workspace ended with, to be looked at.
 *
 *   door: decision, answer -> note -> request log -> search, watch -> graphql
 *
 * Promises: a call waits for nothing of it. A call whose key is not known belongs to no workspace and is in no log.
 * The head of `request-log.ts` says what the log itself promises.
 */
import type { Bus } from '../events/bus.ts';
import type { Decision } from '../guard/guard.ts';
import type { Clock } from '../kernel/clock.ts';
import type { Log } from '../kernel/log.ts';
import { createWatched } from '../live/watched.ts';
import { type Answered, entryOf } from './entry.ts';
import type { LogRange, PlacedRequest, RequestLog } from './request-log.ts';
import { type RequestFilter, search } from './search.ts';
import { createTail, requestChannel, type Tail } from './tail.ts';

/** What a door notes of each call. */
export interface RequestNotes {
  /** Notes how a call ended. Never waits, never throws. */
  note(decision: Decision, answered: Answered): void;
}

export interface Requests extends RequestNotes, Pick<Tail, 'watch'>, Pick<RequestLog, 'dropped'> {
  /** The first requests that fit, in the order of the range. @throws LogAway */
  search(workspaceId: string, asked: Search): Promise<readonly PlacedRequest[]>;
  close(): Promise<void>;
}

interface Search {
  readonly filter: RequestFilter;
  readonly range: LogRange;
  readonly count: number;
}

interface Needs {
  /** Opens the log. @param onWritten  is to be told when entries of a workspace can be read */
  readonly openLog: (onWritten: (workspaceId: string) => void) => RequestLog;
  readonly bus: Bus;
  readonly clock: Clock;
  readonly log: Log;
}

/** How long news of a workspace is gathered before its watchers are told, ms. */
const gatherMs = 50;

/** Opens them; from when it settles it is known who watches. */
export async function createRequests({ openLog, bus, clock, log }: Needs): Promise<Requests> {
  const watched = await createWatched({ bus, channel: 'watched-requests' });
  const written = new Set<string>();
  let timer: NodeJS.Timeout | undefined;
  const tell = () => {
    timer = undefined;
    for (const workspaceId of written) bus.publish(requestChannel(workspaceId), '');
    written.clear();
  };
  const requestLog = openLog((workspaceId) => {
    if (!watched.has(workspaceId)) return;
    written.add(workspaceId);
    timer ??= setTimeout(tell, gatherMs);
  });
  const tail = createTail({ requestLog, bus, watched, log });

  return {
    note(decision, answered) {
      const { key } = decision;
      if (key !== undefined) requestLog.note(key.workspaceId, entryOf(decision, key, answered, clock.now()));
    },
    search: (workspaceId, asked) => search(requestLog, workspaceId, asked),
    watch: tail.watch,
    dropped: requestLog.dropped,
    async close() {
      tail.close();
      watched.close();
      await requestLog.close();
      clearTimeout(timer);
    },
  };
}
