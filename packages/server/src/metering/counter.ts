/**
 * Counter: the one place where counts live. Limiter, headers, queries, live ticks and alerts all read it.
 *
 *   guard -> take -> Taken        one atomic decision over all limits of a call
 *   live, graphql -> read -> UsageCounts
 *
 * Promises, the same for every implementation (`counter.contract.ts` is the suite):
 * - `take` is all or nothing: it counts into every window of workspace and key, or into none. Under any concurrency,
 *   also from several servers on one store, a limit of n admits exactly n calls a window.
 * - Windows are UTC calendar units by the counter's own clock (the store's, not this machine's). A call refused there
 *   carries that clock in `at`, so that `Retry-After` is right where it was decided.
 * - A refused call never counts into `used`; it counts into `refused` of the same windows.
 * - A refusal from memory is one that a take would have given a second ago at most; what it says of limits that are not
 *   spent is as of the last answer of the store.
 * - Windows without a limit are counted too.
 * - A change of limits holds for the next take: nothing about limits is stored with the counts.
 *
 * Does not promise: that counts outlive the store. The ledger does that.
 */
import type { LimitState, Limits, Window, WindowKind } from '@gatekey/shared';
import type { Soon } from '../kernel/soon.ts';

/** A call about to be counted: whose it is, and the limits that hold for it. */
export interface CountedCall {
  readonly workspaceId: string;
  readonly keyId: string;
  /** The plan's, counted over the whole workspace. */
  readonly planLimits: Limits;
  /** The key's own, counted over the key. */
  readonly keyLimits: Limits;
}

/** What the counter decided. */
export interface Taken {
  readonly admitted: boolean;
  /** The counter's own time of the decision, epoch ms. */
  readonly at: number;
  /** Every limit that applied, after the decision: the plan's, then the key's, each minute, day, month. */
  readonly states: readonly LimitState[];
  /** Of the limits without room for it, the one that resets last; undefined when admitted. */
  readonly exhausted: LimitState | undefined;
  /** Whether it was counted in this process because the store that servers share is away. */
  readonly isApart?: true;
}

/** Calls in one window. */
export interface WindowCounts extends Window {
  readonly used: number;
  readonly refused: number;
}

/** The counts of a workspace or of a key, in its current windows. */
export type SubjectCounts = Readonly<Record<WindowKind, WindowCounts>>;

/** The counts of a workspace and some of its keys, read at one instant of the counter's clock. */
export interface UsageCounts {
  readonly at: number;
  readonly workspace: SubjectCounts;
  /** In the order asked for; a key without calls has zeroes. */
  readonly keys: ReadonlyMap<string, SubjectCounts>;
  /** Whether they are what this server knows by itself, because the store that servers share is away. */
  readonly isApart?: true;
}

export interface Counter {
  /**
   * Counts a call if every limit has room for all of it, else none of it; a refusal is counted as one refused call.
   *
   * @param cost  as how many calls it counts, 1 to `mostCost`; 1 unless told
   * @returns what rejects with CounterUnavailable where the store cannot be reached
   */
  take(call: CountedCall, cost?: number): Soon<Taken>;
  /**
   * Gives back what an admitted call was charged, in the windows that it was charged in and that are still the current
   * ones; never below zero. From then on so many more calls pass.
   *
   * @param at  when it was charged, as `Taken` says
   * @throws CounterUnavailable  then it stays charged, or not
   */
  giveBack(call: CountedCall, at: number, cost: number): Promise<void>;
  /**
   * The limits of a call as they stand, counting nothing; `admitted` tells whether a take would pass now.
   *
   * @returns what rejects with CounterUnavailable where the store cannot be reached
   */
  peek(call: CountedCall, cost?: number): Soon<Taken>;
  /**
   * Counts calls of a key that were refused elsewhere: before their limits (address, scope, status), or from memory.
   *
   * @throws CounterUnavailable
   */
  refuse(call: CountedCall, times: number): Promise<Pick<Taken, 'at' | 'isApart'>>;
  /**
   * The refusal of a call whose limit is known to be spent, without asking the store and counting nothing; undefined
   * where it must be asked.
   */
  refusalOf(call: CountedCall, cost?: number): Taken | undefined;
  /** @throws CounterUnavailable */
  read(workspaceId: string, keyIds: readonly string[]): Promise<UsageCounts>;
  close(): Promise<void>;
}

/** The store of the counts did not answer in time. */
export class CounterUnavailable extends Error {
  override name = 'CounterUnavailable';
}

/** The store that servers share did not answer: a call may have been counted there, or not. */
export class StoreAway extends CounterUnavailable {
  override name = 'StoreAway';
}
