/**
 * Server clock: what time it is where the limits are counted.
 *
 * A tick carries the server's time and arrives a little later, so one sample is always too low by the way it took. The
 * largest of the recent samples took the shortest way and is the nearest to the truth. Old samples leave, so that a
 * clock that was set is followed soon.
 */

/** How many samples count: a minute of heartbeats, some seconds of traffic. */
const samplesKept = 30;

export interface ServerClock {
  /** Takes the server's time of a message that arrived at `receivedAt` by the browser's clock, epoch ms. */
  sample(serverAt: number, receivedAt: number): void;
  /** The server's time now, epoch ms. Before the first sample: the browser's. */
  at(browserNow: number): number;
}

export function createServerClock(): ServerClock {
  const offsets: number[] = [];
  return {
    sample(serverAt, receivedAt) {
      offsets.push(serverAt - receivedAt);
      if (offsets.length > samplesKept) offsets.shift();
    },
    at(browserNow) {
      return offsets.length === 0 ? browserNow : browserNow + Math.max(...offsets);
    },
  };
}
