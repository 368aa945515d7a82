/**
 * Ledger: usage that outlives the store it is counted in.
 *
 *   meter -> record -> tallies -> flush, twice a second -> PostgreSQL -> totals, history
 *
 * Promises: writing again changes nothing, for rows are totals of one writer; what was written is never taken back; a
 * killed process loses at most the last half second of its own counts, and never writes too many. While the database is
 * away tallies are kept and written later, within the bounds of `tallies.ts`.
 * Does not decide on anything: that is the counter's, which asks here what was counted before it knew.
 */
import type { RefusalCode } from '@gatekey/shared';
import type { Log } from '../kernel/log.ts';
import type { StoredCounts } from './taken.ts';
import { createTallies, type LedgerRow, type UsageStep } from './tallies.ts';

/** Calls in one minute, hour or day. */
export interface UsagePoint {
  /** Its start, epoch ms. */
  readonly at: number;
  readonly accepted: number;
  readonly refused: number;
  readonly refusals: Readonly<Partial<Record<RefusalCode, number>>>;
}

/** What is asked of the history: `[from, to)` in epoch ms, of a workspace or of one of its keys. */
export interface HistoryRequest {
  readonly workspaceId: string;
  readonly keyId?: string | undefined;
  readonly step: UsageStep;
  readonly from: number;
  readonly to: number;
}

/** Where rows are kept. */
export interface LedgerStore {
  /** Writes rows; a row that is there already is only ever raised. */
  write(rows: readonly LedgerRow[]): Promise<void>;
  /**
   * The counts of a workspace and of keys of it, in the windows that hold an instant.
   *
   * @param at  epoch ms
   * @returns one for each subject that has any; the workspace under its own id
   */
  totals(workspaceId: string, keyIds: readonly string[], at: number): Promise<ReadonlyMap<string, StoredCounts>>;
  /** Points with calls, oldest first, from the step that holds `from`; steps without any are left out. */
  history(request: HistoryRequest): Promise<UsagePoint[]>;
}

export interface Ledger extends Pick<LedgerStore, 'totals' | 'history'> {
  /** Notes one call. Never waits, never throws. @param code  when it was refused */
  record(workspaceId: string, keyId: string, at: number, code?: RefusalCode): void;
  /** Writes what is not written yet. @throws when the database cannot be had */
  flush(): Promise<void>;
  /** Writes the rest and stops. */
  close(): Promise<void>;
}

/** How often tallies are written, ms. It is also what a killed process may lose. */
const flushEveryMs = 500;
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
    const rows = tallies.unwritten();
    for (let start = 0; start < rows.length; start += chunk) {
      const part = rows.slice(start, start + chunk);
      await store.write(part);
      tallies.written(part);
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
    totals: store.totals,
    history: store.history,
    flush,
    async close() {
      clearInterval(timer);
      await flush();
    },
  };
}
