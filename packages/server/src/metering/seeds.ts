/**
 * Seeds: what was counted before a counter knew of it.
 *
 * A counter that meets a workspace or key it has no record of asks here, and goes on from the ledger's totals instead
 * of zero: after a restart, and after Redis came back empty.
 */
import type { Ledger } from './ledger.ts';
import type { StoredCounts } from './taken.ts';

export interface Seeds {
  /**
   * The counts to begin with.
   *
   * @param missing  ids of subjects without a record: the workspace's own, and of keys of it
   * @param at       the counter's time, epoch ms
   * @returns one for each of them, zeroes included
   * @throws when the ledger cannot be had
   */
  of(workspaceId: string, missing: readonly string[], at: number): Promise<ReadonlyMap<string, StoredCounts>>;
}

const zero = { minute: 0, day: 0, month: 0 };

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
  const reading = new Map<string, Promise<ReadonlyMap<string, StoredCounts>>>();

  const read = async (workspaceId: string, missing: readonly string[], at: number) => {
    await ledger.flush();
    let totals = await ledger.totals(workspaceId, missing, at);
    if (settleMs > 0 && missing.some((id) => (totals.get(id)?.used.month ?? 0) > 0)) {
      // A store that lost counts lost those of every server: each is to write its last ones first.
      await new Promise((resolve) => setTimeout(resolve, settleMs));
      totals = await ledger.totals(workspaceId, missing, at);
    }
    return new Map(missing.map((id) => [id, totals.get(id) ?? { at, used: zero, refused: zero }]));
  };

  return {
    of(workspaceId, missing, at) {
      // Many calls meet the same gap at once; the first one's answer is everybody's.
      const name = [workspaceId, ...missing].join(' ');
      let work = reading.get(name);
      if (work === undefined) {
        work = read(workspaceId, missing, at).finally(() => reading.delete(name));
        reading.set(name, work);
      }
      return work;
    },
  };
}
