/** History loader: what one operation asks about the history of keys is read in one statement a workspace and range. */
import DataLoader from 'dataloader';
import type { HistoryRequest, Ledger, UsagePoint } from '../metering/ledger.ts';

/** Points of a key, oldest first; steps without calls are left out. */
export type KeyHistory = (request: HistoryRequest & { readonly keyId: string }) => Promise<UsagePoint[]>;

/** Makes the loader of one operation. Remembers nothing: a subscription asks again with every event. */
export function createKeyHistory(ledger: Pick<Ledger, 'keyHistories'>): KeyHistory {
  const loaders = new Map<string, DataLoader<string, UsagePoint[]>>();
  return ({ keyId, ...range }) => {
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
}
