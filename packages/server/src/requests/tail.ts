/**
 * Tail: the requests of a workspace as they end, on whichever server.
 *
 *   hint that there are more -> one read of the end of the log -> a slot a watcher -> RequestBatch
 *
 * Promises to each watcher: the last ones first, then what comes; at most 5 batches a second, of at most `mostInBatch`;
 * the newest win: what is more than that, or unread for too long, is told as a number. All watchers of a workspace on a
 * server share one read. Hints may get lost, so the log is read every 2 s in any case.
 * While the log does not answer no batch comes.
 */
import type { Bus } from '../events/bus.ts';
import type { Log } from '../kernel/log.ts';
import { createSlot, type Slot } from '../live/slot.ts';
import type { Watched } from '../live/watched.ts';
import type { LogEnd, PlacedRequest, RequestLog } from './request-log.ts';
import { fits, type RequestFilter } from './search.ts';

export const mostInBatch = 100;
const readEveryMs = 200;
const heartbeatMs = 2_000;
const retryMs = 1_000;

export interface RequestBatch {
  /** Newest first. */
  readonly requests: readonly PlacedRequest[];
  /** How many came since the batch before and are in none. */
  readonly leftOut: number;
  /** Whether it begins a watch: it has the last requests, not only new ones. */
  readonly isFirst: boolean;
}

interface Watcher {
  readonly filter: RequestFilter;
  readonly slot: Slot<RequestBatch>;
  hasBegun: boolean;
}

/** The one that reads for all watchers of a workspace. */
interface Reader {
  /** Asks for a read, as a new watcher needs one. */
  read(): void;
  close(): void;
}
type Station = { readonly reader: Promise<Reader>; readonly watchers: Set<Watcher> };

interface Needs {
  readonly requestLog: Pick<RequestLog, 'newest'>;
  readonly bus: Bus;
  readonly watched: Pick<Watched, 'add'>;
  readonly log: Log;
}

/** The channel on which it is said that a workspace has more requests; the message is empty. */
export const requestChannel = (workspaceId: string) => `requests:${workspaceId}`;

export interface Tail {
  /** Watches the requests of a workspace that fit. Ends when the iterator is returned. */
  watch(workspaceId: string, filter: RequestFilter): Promise<AsyncIterableIterator<RequestBatch>>;
  /** Ends every watch. */
  close(): void;
}

/** Opens it. */
export function createTail(needs: Needs): Tail {
  const stations = new Map<string, Station>();

  const enter = (workspaceId: string): Station => {
    const known = stations.get(workspaceId);
    if (known !== undefined) return known;
    const watchers = new Set<Watcher>();
    const station = { reader: openReader(needs, workspaceId, watchers), watchers };
    stations.set(workspaceId, station);
    return station;
  };

  const leave = (workspaceId: string, watcher: Watcher) => {
    const station = stations.get(workspaceId);
    if (station === undefined || !station.watchers.delete(watcher) || station.watchers.size > 0) return;
    stations.delete(workspaceId);
    // A reader that never opened has nothing to close.
    station.reader.then(
      (reader) => reader.close(),
      () => {},
    );
  };

  return {
    async watch(workspaceId, filter) {
      const slot = createSlot<RequestBatch>(() => leave(workspaceId, watcher));
      const watcher: Watcher = { filter, slot, hasBegun: false };
      const station = enter(workspaceId);
      station.watchers.add(watcher);
      try {
        (await station.reader).read();
      } catch (error) {
        await slot.return();
        throw error;
      }
      return slot;
    },
    close() {
      for (const { watchers } of stations.values()) {
        for (const { slot } of watchers) void slot.return();
      }
    },
  };
}

async function openReader(
  { requestLog, bus, watched, log }: Needs,
  workspaceId: string,
  watchers: ReadonlySet<Watcher>,
): Promise<Reader> {
  let seen = 0;
  let lastReadAt = Number.NEGATIVE_INFINITY;
  let isReading = false;
  let isWanted = false;
  let isOpen = true;
  let timer: NodeJS.Timeout | undefined;

  const schedule = (delayMs: number) => {
    clearTimeout(timer);
    if (isOpen) timer = setTimeout(() => void read(), delayMs);
  };

  const read = async () => {
    isReading = true;
    isWanted = false;
    lastReadAt = performance.now();
    const fresh = new Set([...watchers].filter(({ hasBegun }) => !hasBegun));
    try {
      const end = await requestLog.newest(workspaceId, fresh.size > 0 ? 0 : seen, mostInBatch);
      give(watchers, fresh, { ...end, seen });
      seen = end.total;
      schedule(isWanted ? readEveryMs : heartbeatMs);
    } catch (error) {
      log.debug({ err: error, workspaceId }, 'the request log of a workspace could not be read');
      schedule(retryMs);
    } finally {
      isReading = false;
    }
  };

  const soon = () => {
    isWanted = true;
    if (!isReading) schedule(Math.max(0, readEveryMs - (performance.now() - lastReadAt)));
  };

  const ends = [
    watched.add(workspaceId),
    bus.onReconnect(soon),
    await bus.subscribe(requestChannel(workspaceId), soon),
  ];
  return {
    read: soon,
    close() {
      isOpen = false;
      clearTimeout(timer);
      for (const end of ends) end();
    },
  };
}

/** Gives each watcher what is new to it. @param fresh  those to whom all is new */
function give(watchers: ReadonlySet<Watcher>, fresh: ReadonlySet<Watcher>, end: LogEnd & { seen: number }): void {
  const entries = end.entries.toReversed();
  const added = end.total < end.seen ? end.total : end.total - end.seen;
  for (const watcher of watchers) {
    const { filter, slot, hasBegun } = watcher;
    if (!hasBegun && !fresh.has(watcher)) continue;
    const requests = (hasBegun ? entries.slice(0, added) : entries).filter((entry) => fits(entry, filter));
    const leftOut = hasBegun ? Math.max(0, added - mostInBatch) : 0;
    watcher.hasBegun = true;
    if (!hasBegun || requests.length > 0 || leftOut > 0) {
      slot.put((unread) => joined(unread, { requests, leftOut, isFirst: !hasBegun }));
    }
  }
}

/** One batch for an unread one and a newer one. */
function joined(unread: RequestBatch | undefined, newer: RequestBatch): RequestBatch {
  if (unread === undefined) return newer;
  const requests = [...newer.requests, ...unread.requests];
  const leftOut = unread.leftOut + newer.leftOut + Math.max(0, requests.length - mostInBatch);
  return { requests: requests.slice(0, mostInBatch), leftOut, isFirst: unread.isFirst };
}
