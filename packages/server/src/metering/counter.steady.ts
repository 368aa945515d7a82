/**
 * Steady counter: the shared counter as long as its store answers, and what `ON_REDIS_LOSS` says while it does not.
 *
 *   shared --(no answer)--> away --(answers again)--> settle, merge --> shared
 *
 * Promises:
 * - Whose limit is known to be spent is refused from memory, without asking the store, for a second at most: a fixed
 *   window only grows, but for what is given back.
 * - Away, `local` goes on with what was last heard and with the ledger, each server by itself; `open` counts like that
 *   and lets everything pass; `closed` throws. What is decided so is marked as apart.
 * - Back, each call that was counted apart is added to the shared counts once, whether the store kept them or came back
 *   empty; and a call that the store counted although nobody was let through for it is taken out of them again.
 * Pure, but for its timers.
 */
import type { Clock } from '../kernel/clock.ts';
import type { Log } from '../kernel/log.ts';
import type { Soon } from '../kernel/soon.ts';
import type { Book } from './book.ts';
import type { LocalCounter } from './counter.local.ts';
import type { SharedCounter } from './counter.redis.ts';
import { type CountedCall, type Counter, CounterUnavailable, StoreAway, type Taken } from './counter.ts';
import type { Ledger } from './ledger.ts';

export const lossModes = ['local', 'open', 'closed'] as const;
export type OnLoss = (typeof lossModes)[number];

/** How often a store that is away is tried, ms. */
const retryMs = 200;
/** Before a minute turns on the store's clock it is asked again, for that clock is not known to the millisecond. */
const turnMarginMs = 50;
/** For how long after an answer the store's clock is taken as known, ms. */
const clockHoldsMs = 10_000;
/** How long calls wait for the last counts of an outage to be added, ms; then they go on, and it is done beside them. */
const longestHoldMs = 500;
/** When, after that, what was still being decided is added, ms. */
const lastMergeMs = 1_000;

interface Needs {
  readonly shared: SharedCounter;
  /** Counts while the store is away, in the same book. */
  readonly local: LocalCounter;
  readonly book: Book;
  readonly ledger: Pick<Ledger, 'flush' | 'apart' | 'recordNotCounted'>;
  readonly onLoss: OnLoss;
  readonly clock: Clock;
  readonly log: Log;
}

export interface SteadyCounter extends Counter {
  /** Whether this server counts by itself, or not at all, because the store is away. */
  isAway(): boolean;
  /** How many calls were decided without the store since the start. */
  decidedAway(): number;
}

/** Opens it, and adds to the store what an earlier process left unadded. */
export function createSteadyCounter({ shared, local, book, ledger, onLoss, clock, log }: Needs): SteadyCounter {
  let isAway = false;
  let isOpen = true;
  let decidedAway = 0;
  /** Calls wait for it while the last counts of an outage are added. */
  let hold: Promise<void> | undefined;
  let timer: NodeJS.Timeout | undefined;

  const soon = (step: () => Promise<void>, delayMs: number) => {
    clearTimeout(timer);
    if (isOpen) timer = setTimeout(() => void step(), delayMs);
  };

  const merge = async () => {
    await ledger.flush();
    const at = Math.floor(shared.now() ?? clock.now());
    for (const [workspaceId, rows] of await ledger.apart(at)) await shared.merge(workspaceId, at, rows);
  };

  // While the store is away there is one thing to do, and coming back merges.
  const mergeUntilDone = (): Promise<void> =>
    merge().catch(() => {
      if (!isAway) soon(mergeUntilDone, retryMs);
    });

  const comeBack = async (): Promise<void> => {
    try {
      await shared.settle(ledger.recordNotCounted);
    } catch {
      return soon(comeBack, retryMs);
    }
    // Most of it while calls are still counted here, the rest while they wait for a moment.
    const isLedgerThere = await merge().then(
      () => true,
      () => false,
    );
    if (isLedgerThere) {
      hold = noLonger(longestHoldMs, merge());
      await hold;
      hold = undefined;
    }
    isAway = false;
    log.info({}, 'Redis counts again');
    // Calls that waited for the ledger when the store came back were counted here all the same.
    soon(mergeUntilDone, lastMergeMs);
  };

  const leave = (error: unknown) => {
    if (isAway) return;
    isAway = true;
    book.doubt();
    log.warn({ err: error, onLoss }, 'Redis does not answer');
    soon(comeBack, retryMs);
  };

  /** Asks the shared counter, or what stands in for it. Without `async`, for every request comes this way. */
  const either = <T>(ask: () => Promise<T>, standIn: () => Soon<T>): Soon<T> => {
    if (hold !== undefined) return hold.then(() => either(ask, standIn));
    if (isAway) return standIn();
    return ask().catch((error: unknown) => {
      if (!(error instanceof StoreAway)) throw error;
      leave(error);
      return standIn();
    });
  };

  const pass = async (call: CountedCall, cost?: number): Promise<Taken> => {
    try {
      return await local.pass(call, cost);
    } catch (error) {
      return passUncounted(error, clock);
    }
  };

  const takeApart = async (call: CountedCall, cost?: number): Promise<Taken> => {
    decidedAway += 1;
    if (onLoss === 'closed') throw new StoreAway('Redis is away');
    if (onLoss === 'local') return { ...(await local.take(call, cost)), isApart: true };
    return { ...(await pass(call, cost)), isApart: true };
  };

  void mergeUntilDone();
  return {
    refusalOf(call, cost = 1) {
      const at = isAway ? undefined : shared.now(clockHoldsMs);
      if (at === undefined || at % 60_000 > 60_000 - turnMarginMs) return undefined;
      return book.refusalOf(call, Math.floor(at), cost);
    },
    take: (call, cost) =>
      either(
        () => shared.take(call, cost),
        () => takeApart(call, cost),
      ),
    peek: (call, cost) =>
      either(
        () => shared.peek(call, cost),
        () => local.peek(call, cost),
      ),
    refuse: async (call, times) =>
      either(
        () => shared.refuse(call, times),
        async () => ({ ...(await local.refuse(call, times)), isApart: true }),
      ),
    giveBack: (call, at, cost) => shared.giveBack(call, at, cost),
    read: async (workspaceId, keyIds) =>
      either(
        () => shared.read(workspaceId, keyIds),
        async () => ({ ...(await local.read(workspaceId, keyIds)), isApart: true }),
      ),
    isAway: () => isAway,
    decidedAway: () => decidedAway,
    async close() {
      isOpen = false;
      clearTimeout(timer);
      await shared.close();
    },
  };
}

/** With `open`, a call passes even when there is nothing to count it in. */
function passUncounted(error: unknown, clock: Clock): Taken {
  if (!(error instanceof CounterUnavailable)) throw error;
  return { admitted: true, at: clock.now(), states: [], exhausted: undefined };
}

/** Settles with the work, or after a time without it. */
async function noLonger(ms: number, work: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const patience = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms);
  });
  await Promise.race([work.catch(() => {}), patience]);
  clearTimeout(timer);
}
