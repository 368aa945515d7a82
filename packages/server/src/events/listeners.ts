/** Listeners: who listens to which channel on this server. */
import type { Log } from '../kernel/log.ts';

type Listener = (message: string) => void;

export interface Listeners {
  /** @returns whether it is the first of its channel, and how to take it away, which tells whether it was the last */
  add(channel: string, listener: Listener): { readonly isFirst: boolean; remove(): boolean };
  /** Calls every listener of the channel; one that throws harms no other. */
  tell(channel: string, message: string): void;
  channels(): readonly string[];
  clear(): void;
}

export function createListeners(log: Log): Listeners {
  // A record of its own for each, so that one function may listen twice.
  const known = new Map<string, Set<{ readonly listener: Listener }>>();
  return {
    add(channel, listener) {
      const isFirst = !known.has(channel);
      const entry = { listener };
      const entries = known.get(channel) ?? new Set();
      known.set(channel, entries.add(entry));
      return {
        isFirst,
        remove() {
          if (!entries.delete(entry) || entries.size > 0 || known.get(channel) !== entries) return false;
          known.delete(channel);
          return true;
        },
      };
    },
    tell(channel, message) {
      const entries = known.get(channel);
      if (entries === undefined) return;
      for (const entry of [...entries]) {
        // One that was ended by a listener before it is not called any more.
        if (!entries.has(entry)) continue;
        try {
          entry.listener(message);
        } catch (error) {
          log.error({ err: error, channel }, 'a listener failed');
        }
      }
    },
    channels: () => [...known.keys()],
    clear() {
      for (const entries of known.values()) entries.clear();
      known.clear();
    },
  };
}
