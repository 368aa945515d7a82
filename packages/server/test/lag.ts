/**
 * Lag: how long this process wanted to go on and was not let, by a busy machine above all.
 *
 * Server and test are one process here, so a figure that is promised to clients is held against the time that passed less
 * this. It would forgive code of ours that blocks: where that is to be seen, look at a median that nothing is taken from.
 */
export interface Lag {
  /** What was lost since the last time this was asked, ms. */
  lost(): number;
  stop(): void;
}

const everyMs = 5;

/** Begins to watch. */
export function watchLag(): Lag {
  let lost = 0;
  let lastAt = performance.now();
  const timer = setInterval(() => {
    const now = performance.now();
    lost += Math.max(0, now - lastAt - everyMs);
    lastAt = now;
  }, everyMs);
  return {
    lost() {
      const ms = lost;
      lost = 0;
      return ms;
    },
    stop: () => clearInterval(timer),
  };
}
