/**
 * Ledger: usage that outlives the store it is counted in.
 *
 *   meter -> record -> tallies -> flush, every 800 ms -> PostgreSQL -> totals, history
 *
 * Promises: writing again changes nothing, for rows are totals of one writer; what was written is never taken back; a
 * killed process loses at most the last second of its own counts, and never writes too many. While the database is
 * away tallies are kept and written later, within the bounds of `tallies.ts`.
 * Does not decide on anything: that is the counter's, which asks here what was counted before it knew.
 */
import type { Log } from '../kernel/log.ts';
import type { StoredCounts } from './taken.ts';
import { createTallies, type LedgerRows, type Tallies, type UsageStep } from './tallies.ts';

/** Calls in one minute, hour or day. */
export interface UsagePoint {
  /** Its start, epoch ms. */
  readonly at: number;
  readonly accepted: number;
  readonly refused: number;
  /** By the code of the refusal, as it was called then. */
  readonly refusals: Readonly<Record<string, number>>;
}

/** All counts of a workspace: its own, and those of every key of it that was called this month. */
export interface WorkspaceCounts {
  readonly workspace: StoredCounts;
  readonly keys: ReadonlyMap<string, StoredCounts>;
}

/** What one server counted of one key while the shared store was away. Below zero where the store counted more. */
export interface ApartCounts {
  readonly writer: string;
  readonly keyId: string;
  readonly counts: StoredCounts;
}

export interface WorkspaceTotals extends WorkspaceCounts {
  /** The part of it that was counted apart. */
  readonly apart: readonly ApartCounts[];
}

/** What is asked of the history: `[from, to)` in epoch ms, of a workspace or of one of its keys. */
export interface HistoryRequest {
  readonly workspaceId: string;
  readonly keyId?: string | undefined;
  readonly step: UsageStep;
  readonly from: number;
  readonly to: number;
}

/** The same of several keys at once. */
export interface KeyHistoriesRequest extends Omit<HistoryRequest, 'keyId'> {
  readonly keyIds: readonly string[];
}

/** Where rows are kept. */
export interface LedgerStore {
  /** Writes rows, all or none; a row that is there already is only ever raised, or closed. */
  write(rows: LedgerRows): Promise<void>;
  /** All counts of a workspace, in the windows that hold an instant. @param at  epoch ms */
  totals(workspaceId: string, at: number): Promise<WorkspaceTotals>;
  /** What any server counted apart, in the windows that hold an instant, by workspace. @param at  epoch ms */
  apart(at: number): Promise<ReadonlyMap<string, readonly ApartCounts[]>>;
  /** Points with calls, oldest first, from the step that holds `from`; steps without any are left out. */
  history(request: HistoryRequest): Promise<UsagePoint[]>;
  /** The points of each of the keys, by its id, in one statement; a key without any is left out. */
  keyHistories(request: KeyHistoriesRequest): Promise<ReadonlyMap<string, UsagePoint[]>>;
}

export interface Ledger extends Pick<LedgerStore, 'totals' | 'apart' | 'history' | 'keyHistories'> {
  /** Notes calls of a key that were counted: one admitted, or so many refused. Never waits, never throws. */
  record: Tallies['record'];
  /** Notes that the shared store has counted calls which nobody had an answer for: they are to be taken out of it. */
  recordNotCounted: Tallies['notCounted'];
  /** Writes what is not written yet. @throws when the database cannot be had */
  flush(): Promise<void>;
  /** Minutes that were given up for want of room, while the database was away. */
  lost(): number;
  /** Writes the rest and stops. */
  close(): Promise<void>;
}

/** How often tallies are written, ms. It is also what a killed process may lose. */
const flushEveryMs = 800;
/** How long a server may need until what it has counted is written, ms: a flush, and the statement. */
export const ledgerSettleMs = flushEveryMs + 100;
/** Rows in one statement. */
const chunk = 2_000;

/** Opens the ledger. @param writer  names this process; no other ever uses it */
export function createLedger({ store, log, writer }: { store: LedgerStore; log: Log; writer: string }): Ledger {
  const tallies = createTallies(writer);
  let flushing: Promise<void> | undefined;
  let isFailing = false;

  const writeAll = async () => {
    // What is counted while it writes is for the next time, or a busy server would never be done.
    let left = tallies.unwrittenKeys();
    while (left > 0) {
      const rows = tallies.unwritten(chunk);
      await store.write(rows);
      tallies.written(rows);
      left -= new Set([...rows.usage, ...rows.apart].map(({ keyId }) => keyId)).size;
    }
  };

  // One at a time: a second flush waits for the first, then writes what came meanwhile.
  const flush = async (): Promise<void> => {
    while (flushing !== undefined) await flushing.catch(() => {});
    flushing = writeAll().finally(() => {
      flushing = undefined;
    });
    return flushing;
  };

  const tick = () => {
    if (flushing !== undefined) return;
    tallies.close();
    flush().then(
      () => {
        if (isFailing) log.info({}, 'usage is written again');
        isFailing = false;
      },
      (error: unknown) => {
        if (!isFailing) log.warn({ err: error }, 'usage cannot be written; it is kept and written later');
        isFailing = true;
      },
    );
  };
  const timer = setInterval(tick, flushEveryMs);

  return {
    record: tallies.record,
    recordNotCounted: tallies.notCounted,
    totals: store.totals,
    apart: store.apart,
    history: store.history,
    keyHistories: store.keyHistories,
    flush,
    lost: tallies.lost,
    async close() {
      clearInterval(timer);
      tallies.close(true);
      await flush();
    },
  };
}
