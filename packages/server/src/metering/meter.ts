/**
 * Meter: decides with the counter and notes in the ledger. What the guard holds in its hand.
 */
import type { RefusalCode } from '@gatekey/shared';
import type { Clock } from '../kernel/clock.ts';
import type { Counter } from './counter.ts';
import type { Ledger } from './ledger.ts';
import { limitCode } from './taken.ts';

export type Meter = Pick<Counter, 'take' | 'peek' | 'refuse'>;

/** The meter over a counter and a ledger. */
export function createMeter({ counter, ledger, clock }: { counter: Counter; ledger: Ledger; clock: Clock }): Meter {
  return {
    async take(call) {
      const taken = await counter.take(call);
      const code: RefusalCode | undefined = taken.exhausted && limitCode(taken.exhausted);
      ledger.record(call.workspaceId, call.keyId, taken.at, code);
      return taken;
    },
    peek: counter.peek,
    refuse(workspaceId, keyId, code) {
      counter.refuse(workspaceId, keyId, code);
      ledger.record(workspaceId, keyId, clock.now(), code);
    },
  };
}
