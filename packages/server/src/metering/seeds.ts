/**
 * Seeds: what was counted before a counter knew of it.
 *
 * A counter that meets a workspace it has no record of asks here, and goes on from the ledger's totals instead of zero:
 * after a restart, and after Redis came back empty.
 */
import type { Ledger, WorkspaceTotals } from './ledger.ts';

export interface Seeds {
  /**
   * The counts to begin with; zeroes where nothing was called.
   *
   * @param at  the counter's time, epoch ms
   * @throws when the ledger cannot be had
   */
  of(workspaceId: string, at: number): Promise<WorkspaceTotals>;
}

/**
 * @param settleMs  how long other servers may need to write what they have counted; 0 where there are none
 */
export function createSeeds({
  ledger,
  settleMs,
}: {
  ledger: Pick<Ledger, 'flush' | 'totals'>;
  settleMs: number;
}): Seeds {
  const reading = new Map<string, Promise<WorkspaceTotals>>();

  const read = async (workspaceId: string, at: number) => {
    await ledger.flush();
    const totals = await ledger.totals(workspaceId, at);
    if (settleMs === 0 || totals.workspace.used.month === 0) return totals;
    // A store that lost counts lost those of every server: each is to write its last ones first.
    await new Promise((resolve) => setTimeout(resolve, settleMs));
    return ledger.totals(workspaceId, at);
  };

  return {
    of(workspaceId, at) {
      // Many calls meet the same gap at once; the first one's answer is everybody's.
      let work = reading.get(workspaceId);
      if (work === undefined) {
        work = read(workspaceId, at).finally(() => reading.delete(workspaceId));
        reading.set(workspaceId, work);
      }
      return work;
    },
  };
}
