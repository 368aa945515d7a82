/**
 * Usage feed: the live meters of workspaces.
 *
 *   hint that keys changed -> one read of the counter -> a slot a watcher -> UsageTick
 *
 * Promises to each watcher: a full snapshot first, then what changed; at most 5 ticks a second, at least one in 2 s,
 * one when the minute turns; `seq` grows; a slow reader gets the newest tick, never a queue. All watchers of a
 * workspace on a server share one read and, as long as they keep up, the same tick; hints are listened to only for
 * watched workspaces.
 * While the counter does not answer no tick comes: a watcher sees that the line is down, and nothing is made up.
 */
import { createSlot, type Slot } from './slot.ts';
import { mergeTicks, ofKey, type UsageTick } from './usage-tick.ts';
import { type WatchNeeds, type WorkspaceWatch, watchWorkspace } from './workspace-watch.ts';

export interface UsageFeed {
  /**
   * Watches a workspace, or one key of it: then `keys` holds that key alone. Ends when the iterator is returned. The
   * first tick comes as soon as the counter answers.
   */
  watch(workspaceId: string, keyId?: string): Promise<AsyncIterableIterator<UsageTick>>;
  /** How many are watching. */
  watchers(): number;
  /** Ends every watch. */
  close(): void;
}

type Tick = Omit<UsageTick, 'seq'>;
/** Takes a tick that another watcher may be given too. */
interface Watcher {
  readonly keyId: string | undefined;
  readonly slot: Slot<UsageTick>;
  hasBegun: boolean;
}
type Station = { readonly watch: Promise<WorkspaceWatch>; readonly watchers: Set<Watcher> };

/** Opens the feed. */
export function createUsageFeed(needs: WatchNeeds): UsageFeed {
  const stations = new Map<string, Station>();

  const enter = (workspaceId: string): Station => {
    const known = stations.get(workspaceId);
    if (known !== undefined) return known;
    const watchers = new Set<Watcher>();
    let seq = 0;
    const onTick = (tick: Tick, isFull: boolean) => {
      seq = Math.max(seq + 1, tick.at);
      give(watchers, { ...tick, seq }, isFull);
    };
    const station = { watch: watchWorkspace(needs, workspaceId, onTick), watchers };
    stations.set(workspaceId, station);
    return station;
  };

  const leave = (workspaceId: string, watcher: Watcher) => {
    const station = stations.get(workspaceId);
    if (station === undefined || !station.watchers.delete(watcher) || station.watchers.size > 0) return;
    stations.delete(workspaceId);
    // A station that never opened has nothing to close.
    station.watch.then(
      (watch) => watch.close(),
      () => {},
    );
  };

  return {
    async watch(workspaceId, keyId) {
      const slot = createSlot<UsageTick>(() => leave(workspaceId, watcher));
      const watcher: Watcher = { keyId, slot, hasBegun: false };
      const station = enter(workspaceId);
      station.watchers.add(watcher);
      try {
        (await station.watch).readAll();
      } catch (error) {
        await watcher.slot.return();
        throw error;
      }
      return watcher.slot;
    },
    watchers: () => [...stations.values()].reduce((sum, station) => sum + station.watchers.size, 0),
    close() {
      for (const { watchers } of stations.values()) {
        for (const { slot } of watchers) void slot.return();
      }
    },
  };
}

/** One object for all who watch the same, so that what is made of it is made once. */
function give(watchers: ReadonlySet<Watcher>, tick: UsageTick, isFull: boolean): void {
  const narrowed = new Map<string, UsageTick>();
  for (const watcher of watchers) {
    const { keyId, slot } = watcher;
    // The first tick of every watcher is a full one.
    if (!watcher.hasBegun && !isFull) continue;
    watcher.hasBegun = true;
    let own = tick;
    if (keyId !== undefined) {
      own = narrowed.get(keyId) ?? ofKey(tick, keyId);
      narrowed.set(keyId, own);
    }
    slot.put((unread) => mergeTicks(unread, own));
  }
}
