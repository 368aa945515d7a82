/**
 * Retry: how long to wait before the next try, and a wait that can be cut short.
 */

const firstMs = 250;
/** A server that is back shall be seen within a few seconds, so the wait does not grow further. */
const longestMs = 3_000;

/**
 * The wait before a try, ms: doubles, capped, and up to a quarter shorter by chance, so that a thousand consoles do not
 * come back in one instant.
 *
 * @param failures  tries that failed since the last good one; 0 = none
 * @param chance    0 up to 1
 */
export function retryDelayMs(failures: number, chance: number): number {
  const full = Math.min(firstMs * 2 ** failures, longestMs);
  return Math.round(full * (1 - chance / 4));
}

export interface Alarm {
  /** Resolves after the time, or at `wake`. */
  wait(ms: number): Promise<void>;
  /** Ends all waits now: the network is back, the page is seen again, someone pressed Retry. */
  wake(): void;
}

export function createAlarm(): Alarm {
  const waiting = new Set<() => void>();
  return {
    wait(ms) {
      return new Promise((resolve) => {
        const end = (): void => {
          clearTimeout(timer);
          waiting.delete(end);
          resolve();
        };
        const timer = setTimeout(end, ms);
        waiting.add(end);
      });
    },
    wake() {
      for (const end of waiting) end();
    },
  };
}
