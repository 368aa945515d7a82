/**
 * Meter: decides with the counter and notes in the ledger. What the guard holds in its hand.
 *
 *   take   -> known to be spent? refused from memory : counter -> ledger
 *   refuse -> gathered for some ms -> counter, one call a key -> ledger
 *
 * Every call is noted once, when it is counted, so what the counter has and what the ledger has are the same calls.
 * Bound: the refused calls of a key that wait to be counted are a few numbers, whatever comes.
 */
import type { RefusalCode } from '@gatekey/shared';
import type { Clock } from '../kernel/clock.ts';
import { andThen, type Soon } from '../kernel/soon.ts';
import type { CountedCall, Counter, Taken } from './counter.ts';
import type { Ledger } from './ledger.ts';
import { limitCode } from './taken.ts';

/** A call that was counted, and is charged by how it ends. */
export interface Reserved {
  readonly taken: Taken;
  /** Says how it ended, once: charged, or given back where the counter can be reached. Never waits, never throws. */
  settle(isCharged: boolean): void;
}

export interface Meter extends Pick<Counter, 'take' | 'peek' | 'read'> {
  /**
   * Takes as `take` does, for a call of which only its end tells whether it is charged. The ledger hears of it then; what
   * was counted apart is charged at once.
   *
   * @returns what rejects with CounterUnavailable where the store cannot be reached
   */
  reserve(call: CountedCall, cost: number): Soon<Reserved>;
  /** Counts a call that the guard refused before the limits. Never waits, never throws. */
  refuse(call: CountedCall, code: RefusalCode): void;
  /** Counts what is gathered. */
  close(): Promise<void>;
}

/** How long refused calls are gathered, ms. A caller who hammers costs the store that often one call. */
const gatherMs = 25;

interface Needs {
  readonly counter: Counter;
  readonly ledger: Pick<Ledger, 'record'>;
  readonly clock: Clock;
  /** Is told when a call was counted. */
  readonly onCounted: (workspaceId: string, keyId: string) => void;
}

interface Gathered {
  readonly call: CountedCall;
  readonly codes: Map<RefusalCode, number>;
}

/** For what was charged, or refused, at once. */
const settleNothing = () => {};

/** The meter over a counter and a ledger. */
export function createMeter({ counter, ledger, clock, onCounted }: Needs): Meter {
  let gathered = new Map<string, Gathered>();
  let timer: NodeJS.Timeout | undefined;
  /** What is being counted, by workspace. */
  const counting = new Map<string, Promise<unknown>>();
  /** What is being given back. */
  const giving = new Set<Promise<unknown>>();

  const count = async ({ call, codes }: Gathered): Promise<void> => {
    const times = [...codes.values()].reduce((sum, one) => sum + one, 0);
    // Where it cannot be counted now, the counter will find it in the ledger when it asks there.
    const counted = await counter.refuse(call, times).catch(() => ({ at: clock.now() }));
    for (const [code, calls] of codes) ledger.record(call, counted, { code, calls });
    onCounted(call.workspaceId, call.keyId);
  };

  /** Counts what is gathered. */
  const countGathered = () => {
    clearTimeout(timer);
    timer = undefined;
    const now = gathered;
    gathered = new Map();
    for (const one of now.values()) {
      const { workspaceId } = one.call;
      const work: Promise<unknown> = Promise.all([counting.get(workspaceId), count(one)]).then(() => {
        if (counting.get(workspaceId) === work) counting.delete(workspaceId);
      });
      counting.set(workspaceId, work);
    }
  };

  const gather = (call: CountedCall, code: RefusalCode) => {
    const known = gathered.get(call.keyId);
    if (known === undefined) gathered.set(call.keyId, { call, codes: new Map([[code, 1]]) });
    else known.codes.set(code, (known.codes.get(code) ?? 0) + 1);
    timer ??= setTimeout(countGathered, gatherMs);
  };

  /** The refusal of a call that is known to have no room. */
  const refusalOf = (call: CountedCall, cost: number): Taken | undefined => {
    const spent = counter.refusalOf(call, cost);
    if (spent?.exhausted === undefined) return undefined;
    gather(call, limitCode(spent.exhausted));
    return spent;
  };

  const noteTaken = (call: CountedCall, taken: Taken, cost: number): Taken => {
    ledger.record(call, taken, taken.exhausted && { code: limitCode(taken.exhausted), calls: 1 }, cost);
    onCounted(call.workspaceId, call.keyId);
    return taken;
  };

  /** Each call is settled once, also when it is told twice how it ended. */
  const settling = (call: CountedCall, taken: Taken, cost: number) => {
    let isSettled = false;
    return (isCharged: boolean) => {
      if (isSettled) return;
      isSettled = true;
      if (isCharged) return ledger.record(call, taken, undefined, cost);
      const given = counter.giveBack(call, taken.at, cost).then(
        () => onCounted(call.workspaceId, call.keyId),
        // It stays charged there; here as well, then.
        () => ledger.record(call, taken, undefined, cost),
      );
      giving.add(given);
      void given.finally(() => giving.delete(given));
    };
  };

  return {
    take(call, cost = 1) {
      return refusalOf(call, cost) ?? andThen(counter.take(call, cost), (taken) => noteTaken(call, taken, cost));
    },
    reserve(call, cost) {
      const spent = refusalOf(call, cost);
      if (spent !== undefined) return { taken: spent, settle: settleNothing };
      return andThen(counter.take(call, cost), (taken) => {
        if (!taken.admitted || taken.isApart) {
          return { taken: noteTaken(call, taken, cost), settle: settleNothing };
        }
        onCounted(call.workspaceId, call.keyId);
        return { taken, settle: settling(call, taken, cost) };
      });
    },
    peek: counter.peek,
    async read(workspaceId, keyIds) {
      // Who was refused a moment ago finds it counted.
      countGathered();
      await counting.get(workspaceId);
      return counter.read(workspaceId, keyIds);
    },
    refuse: gather,
    async close() {
      countGathered();
      await Promise.all([...counting.values(), ...giving]);
    },
  };
}
