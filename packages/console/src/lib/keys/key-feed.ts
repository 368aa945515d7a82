/** Key feed: tells the parts of a page what happened to keys. One subscription, many listeners. */
import { createContext } from 'svelte';
import type { KeyChange } from './keys.documents.ts';

export interface KeyFeed {
  tell(change: KeyChange): void;
  /** @returns how to stop listening */
  listen(listener: (change: KeyChange) => void): () => void;
}

export function createKeyFeed(): KeyFeed {
  const listeners = new Set<(change: KeyChange) => void>();
  return {
    tell(change) {
      for (const listener of [...listeners]) listener(change);
    },
    listen(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

export const [getKeyFeed, setKeyFeed] = createContext<KeyFeed>();
