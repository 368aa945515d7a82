/** Feed: tells the parts of a page what happened. One subscription, many listeners. */
export interface Feed<T> {
  tell(change: T): void;
  /** @returns how to stop listening */
  listen(listener: (change: T) => void): () => void;
}

export function createFeed<T>(): Feed<T> {
  const listeners = new Set<(change: T) => void>();
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
