/**
 * Lifecycle: what was started is stopped in the opposite order, each part once, all within a bound.
 */
import type { Log } from './log.ts';
import { within } from './within.ts';

export interface Lifecycle {
  /** Notes how to stop what has just been started. */
  onStop(name: string, stop: () => unknown): void;
  readonly isStopping: boolean;
  /**
   * Stops everything, last started first, within 25 s; a part that fails or hangs does not keep the others. Safe to call
   * twice.
   */
  stop(): Promise<void>;
}

/** Longer than any part may take to stop; then the next one is stopped all the same. */
const partMs = 8_000;
/** What all parts may take together: whoever stopped us is promised that we are gone after 25 s. */
const allMs = 22_000;
/** What a part has to begin with in any case, however late it is. */
const leastMs = 100;

/** Starts with nothing to stop. */
export function createLifecycle(log: Log): Lifecycle {
  const parts: { name: string; stop: () => unknown }[] = [];
  let stopping: Promise<void> | undefined;

  const stopAll = async () => {
    const until = performance.now() + allMs;
    for (const { name, stop } of parts.toReversed()) {
      const ms = Math.max(leastMs, Math.min(partMs, until - performance.now()));
      try {
        await within(ms, Promise.resolve().then(stop), 'it takes too long');
      } catch (error) {
        log.warn({ err: error, part: name }, 'a part did not stop cleanly');
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
