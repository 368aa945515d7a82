/**
 * Lifecycle: what was started is stopped in the opposite order, each part once, all within a bound.
 */
import type { Log } from './log.ts';

export interface Lifecycle {
  /** Notes how to stop what has just been started. */
  onStop(name: string, stop: () => unknown): void;
  readonly isStopping: boolean;
  /** Stops everything, last started first; a part that fails does not keep the others. Safe to call twice. */
  stop(): Promise<void>;
}

/** Longer than any part may take to stop; then the next one is stopped all the same. */
const partMs = 8_000;

/** Starts with nothing to stop. */
export function createLifecycle(log: Log): Lifecycle {
  const parts: { name: string; stop: () => unknown }[] = [];
  let stopping: Promise<void> | undefined;

  const stopAll = async () => {
    for (const { name, stop } of parts.toReversed()) {
      const slow = Promise.withResolvers<never>();
      const timer = setTimeout(() => slow.reject(new Error(`${name} did not stop within ${partMs} ms`)), partMs);
      try {
        await Promise.race([stop(), slow.promise]);
      } catch (error) {
        log.warn({ err: error, part: name }, 'a part did not stop cleanly');
      } finally {
        clearTimeout(timer);
      }
    }
  };

  return {
    onStop: (name, stop) => void parts.push({ name, stop }),
    get isStopping() {
      return stopping !== undefined;
    },
    stop: () => {
      stopping ??= stopAll();
      return stopping;
    },
  };
}
