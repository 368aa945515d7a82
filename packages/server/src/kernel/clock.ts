/** Clock: the one place that asks the machine for the time, so that a test can hand in its own. */
export interface Clock {
  /** Epoch ms. */
  now(): number;
}

export const systemClock: Clock = { now: () => Date.now() };
