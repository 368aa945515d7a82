/**
 * Outage: two lines in the log for any number of calls that fail for the same reason, one when it begins and one when it
 * is over.
 *
 * It is over when no call has failed for a while: what is remembered passes meanwhile, so a call that succeeds proves
 * nothing.
 */
import type { Clock } from './clock.ts';
import type { Log } from './log.ts';

export interface Outage {
  /** Notes a call that was refused. Never throws. */
  refused(error: unknown): void;
}

/** After so long without a refused call it is over, ms. */
const quietMs = 10_000;

/** @param what  what is away, as a line of the log begins */
export function createOutage({ log, clock, what }: { log: Log; clock: Clock; what: string }): Outage {
  let calls = 0;
  let since = '';
  let timer: NodeJS.Timeout | undefined;
  const end = () => {
    log.info({ since, refusedCalls: calls }, `${what}: available again`);
    calls = 0;
    timer = undefined;
  };
  return {
    refused(error) {
      calls += 1;
      if (timer !== undefined) return void timer.refresh();
      since = new Date(clock.now()).toISOString();
      log.warn({ err: error, since }, `${what}: unavailable, calls are refused`);
      timer = setTimeout(end, quietMs).unref();
    },
  };
}
