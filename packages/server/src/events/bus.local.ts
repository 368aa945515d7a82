/** Bus in this process: for an instance of one server. Messages arrive in the next microtask, never within `publish`. */
import type { Log } from '../kernel/log.ts';
import type { Bus } from './bus.ts';
import { createListeners } from './listeners.ts';

/** A bus that reaches this server alone, and never loses its connection. */
export function createLocalBus({ log }: { log: Log }): Bus {
  const listeners = createListeners(log);
  return {
    publish: (channel, message) => queueMicrotask(() => listeners.tell(channel, message)),
    subscribe: async (channel, listener) => listeners.add(channel, listener).remove,
    onReconnect: () => () => {},
    close: async () => listeners.clear(),
  };
}
