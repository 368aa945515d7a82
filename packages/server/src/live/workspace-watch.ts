/**
 * Workspace watch: reads the counter of one workspace for all who watch it on this server.
 *
 * A read follows a hint at once, but at most every 200 ms; without hints every 2 s, and when the minute turns. A read
 * that fails is tried again in a second, and its keys with it.
 */

import { z } from 'zod';
import type { Bus } from '../events/bus.ts';
import { type Events, isReport } from '../events/domain-event.ts';
import type { Log } from '../kernel/log.ts';
import type { Meter } from '../metering/meter.ts';
import { usageChannel } from './usage-announcer.ts';
import { tickOf, type UsageTick, type WorkspaceLimits } from './usage-tick.ts';
import type { Watched } from './watched.ts';

export interface WatchNeeds {
  readonly bus: Bus;
  readonly watched: Pick<Watched, 'add'>;
  readonly events: Events;
  readonly meter: Pick<Meter, 'read'>;
  readonly log: Log;
  readonly limitsOf: (workspaceId: string) => Promise<WorkspaceLimits>;
}

type Tick = Omit<UsageTick, 'seq'>;

export interface WorkspaceWatch {
  /** Asks for a full tick, as a new watcher needs one. */
  readAll(): void;
  close(): void;
}

const tickEveryMs = 200;
const heartbeatMs = 2_000;
const retryMs = 1_000;
const KeyIds = z.array(z.string());

/**
 * Starts watching.
 *
 * @param onTick  gets every read; `isFull` when it holds all keys. All reads come in the order of the counter.
 */
export async function watchWorkspace(
  { bus, watched, events, meter, log, limitsOf }: WatchNeeds,
  workspaceId: string,
  onTick: (tick: Tick, isFull: boolean) => void,
): Promise<WorkspaceWatch> {
  let limits: WorkspaceLimits | undefined;
  let areAllWanted = false;
  let changed = new Set<string>();
  let limitsAreOldSince = Number.POSITIVE_INFINITY;
  let minuteStartsAt = 0;
  let lastReadAt = Number.NEGATIVE_INFINITY;
  let isReading = false;
  let isOpen = true;
  let timer: NodeJS.Timeout | undefined;

  const readAll = async () => {
    areAllWanted = false;
    changed = new Set();
    limits = await limitsOf(workspaceId).catch((error: unknown) => {
      // Counts can be read all the same; their limits are asked for again with the next heartbeat.
      if (limits === undefined) throw error;
      limitsAreOldSince = performance.now();
      return limits;
    });
    const counts = await meter.read(workspaceId, [...limits.keys.keys()]);
    return { counts, limits, isFull: true };
  };

  const read = async () => {
    if (performance.now() - limitsAreOldSince >= heartbeatMs) {
      limitsAreOldSince = Number.POSITIVE_INFINITY;
      areAllWanted = true;
    }
    if (areAllWanted || limits === undefined) return readAll();
    const keyIds = [...changed];
    changed = new Set();
    const counts = await meter.read(workspaceId, keyIds);
    // When the minute has turned, every key has changed.
    return counts.workspace.minute.startsAt === minuteStartsAt ? { counts, limits, isFull: false } : readAll();
  };

  const schedule = (delayMs: number) => {
    clearTimeout(timer);
    if (isOpen) timer = setTimeout(() => void tick(), delayMs);
  };

  const tick = async () => {
    isReading = true;
    lastReadAt = performance.now();
    try {
      const { counts, limits, isFull } = await read();
      minuteStartsAt = counts.workspace.minute.startsAt;
      if (isOpen) onTick(tickOf(counts, limits), isFull);
      const untilTurn = counts.workspace.minute.resetsAt - counts.at;
      schedule(changed.size > 0 || areAllWanted ? tickEveryMs : Math.min(heartbeatMs, untilTurn + 1));
    } catch (error) {
      log.debug({ err: error, workspaceId }, 'the meters of a workspace could not be read');
      areAllWanted = true;
      schedule(retryMs);
    } finally {
      isReading = false;
    }
  };

  const soon = () => {
    if (!isReading) schedule(Math.max(0, tickEveryMs - (performance.now() - lastReadAt)));
  };
  const all = () => {
    areAllWanted = true;
    soon();
  };

  const ends = [
    watched.add(workspaceId),
    bus.onReconnect(all),
    await bus.subscribe(usageChannel(workspaceId), (message) => {
      for (const keyId of KeyIds.parse(JSON.parse(message))) {
        if (limits?.keys.has(keyId)) changed.add(keyId);
        else areAllWanted = true;
      }
      soon();
    }),
    await events.listen(workspaceId, (event) => {
      if (!isReport(event)) all();
    }),
  ];

  return {
    readAll: all,
    close() {
      isOpen = false;
      clearTimeout(timer);
      for (const end of ends) end();
    },
  };
}
