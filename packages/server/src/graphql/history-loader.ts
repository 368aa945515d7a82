/** History loader: what one operation asks about the history of keys is read in one statement a workspace and range. */
import DataLoader from 'dataloader';
import type { Ledger, UsagePoint } from '../metering/ledger.ts';

/** The ledger for one operation. Remembers nothing: a subscription asks again with every event. */
export function batched(ledger: Pick<Ledger, 'history' | 'keyHistories'>): Pick<Ledger, 'history'> {
  const loaders = new Map<string, DataLoader<string, UsagePoint[]>>();
  const history: Ledger['history'] = ({ keyId, ...range }) => {
    if (keyId === undefined) return ledger.history(range);
    const name = JSON.stringify(range);
    let loader = loaders.get(name);
    if (loader === undefined) {
      const read = async (keyIds: readonly string[]) => {
        const found = await ledger.keyHistories({ ...range, keyIds });
        return keyIds.map((id) => found.get(id) ?? []);
      };
      loader = new DataLoader(read, { cache: false });
      loaders.set(name, loader);
    }
    return loader.load(keyId);
  };
  return { history };
}
