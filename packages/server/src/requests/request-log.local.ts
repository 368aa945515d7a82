/**
 * Request log in this process: a ring for each workspace. For an instance of one server.
 *
 * Bound: `mostEntries`, some 400 B each; the ring that was written to longest ago goes first.
 */
import type { LoggedRequest } from './entry.ts';
import { keptEntries, type PlacedRequest, type RequestLog } from './request-log.ts';
import { createRing, type Ring } from './ring.ts';

interface Needs {
  /** Is told of every entry. */
  readonly onWritten: (workspaceId: string) => void;
  /** In all rings together; 100,000 unless told. */
  readonly mostEntries?: number;
}

/** Opens one. */
export function createLocalRequestLog({ onWritten, mostEntries = 100_000 }: Needs): RequestLog {
  const rings = new Map<string, Ring<LoggedRequest>>();
  let held = 0;
  let dropped = 0;

  /** Lets the longest idle go until a tenth is free: they are looked for among all, so not for one entry. */
  const letGo = () => {
    const writtenAt = ([, ring]: [string, Ring<LoggedRequest>]) => ring.nth(ring.total())?.at ?? 0;
    const byAge = [...rings].sort((a, b) => writtenAt(a) - writtenAt(b));
    for (const [id, ring] of byAge) {
      if (held <= 0.9 * mostEntries) break;
      held -= ring.size();
      dropped += ring.size();
      rings.delete(id);
    }
  };

  const open = (workspaceId: string): Ring<LoggedRequest> => {
    const ring = createRing<LoggedRequest>(keptEntries);
    rings.set(workspaceId, ring);
    return ring;
  };

  const read = (ring: Ring<LoggedRequest>, [first, last]: readonly [number, number]): PlacedRequest[] => {
    const entries: PlacedRequest[] = [];
    const step = first <= last ? 1 : -1;
    for (let n = first; n !== last + step; n += step) {
      const entry = ring.nth(n);
      if (entry !== undefined) entries.push({ ...entry, place: String(n) });
    }
    return entries;
  };

  return {
    note(workspaceId, entry) {
      const isFull = (rings.get(workspaceId) ?? open(workspaceId)).push(entry);
      if (!isFull) held += 1;
      if (held > mostEntries) letGo();
      onWritten(workspaceId);
    },
    async page(workspaceId, { newerThan, olderThan, isOldestFirst }, count) {
      const ring = rings.get(workspaceId);
      if (ring === undefined) return [];
      const oldest = Math.max(ring.total() - ring.size(), numberOf(newerThan ?? '0')) + 1;
      const newest = olderThan === undefined ? ring.total() : Math.min(ring.total(), numberOf(olderThan) - 1);
      const length = Math.min(count, newest - oldest + 1);
      if (length <= 0) return [];
      return read(ring, isOldestFirst ? [oldest, oldest + length - 1] : [newest, newest - length + 1]);
    },
    async newest(workspaceId, seen, most) {
      const ring = rings.get(workspaceId);
      if (ring === undefined) return { total: 0, entries: [] };
      const total = ring.total();
      const length = Math.min(most, ring.size(), seen > total ? total : total - seen);
      return { total, entries: length === 0 ? [] : read(ring, [total - length + 1, total]) };
    },
    dropped: () => dropped,
    close: async () => {},
  };
}

function numberOf(place: string): number {
  return Number.parseInt(place, 10);
}
