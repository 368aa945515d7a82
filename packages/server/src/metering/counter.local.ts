/**
 * Counter in this process: exact for one server.
 *
 * What its book has no record of it takes over from the ledger, a workspace at a time, so counts go on after a restart.
 */
import type { Clock } from '../kernel/clock.ts';
import type { Soon } from '../kernel/soon.ts';
import { type Book, createBook, type Manner } from './book.ts';
import { type CountedCall, type Counter, CounterUnavailable, type Taken } from './counter.ts';
import type { Seeds } from './seeds.ts';

interface Needs {
  readonly clock: Clock;
  readonly seeds: Seeds;
  /** Where it counts; a book of its own unless told. */
  readonly book?: Book;
}

export interface LocalCounter extends Counter {
  /** Counts and admits a call, whatever the limits say. @throws CounterUnavailable */
  pass(call: CountedCall, cost?: number): Soon<Taken>;
  /** How many records it holds. */
  size(): number;
}

/** A counter on a clock of this machine. */
export function createLocalCounter({ clock, seeds, book = createBook() }: Needs): LocalCounter {
  const takeOver = async (workspaceId: string): Promise<void> => {
    const at = clock.now();
    const counts = await seeds.of(workspaceId, at).catch((error: unknown) => {
      throw new CounterUnavailable('the ledger did not answer', { cause: error });
    });
    book.adopt(workspaceId, counts, at);
  };

  const know = async (workspaceId: string, keyId: string): Promise<void> => {
    if (!book.knows(workspaceId, keyId)) await takeOver(workspaceId);
    // What was last heard will do for now; others may have counted since.
    else if (!book.isWhole(workspaceId)) takeOver(workspaceId).catch(() => {});
  };

  const decide = (call: CountedCall, manner: Manner, cost = 1): Soon<Taken> =>
    book.decideIfWhole(call, clock.now(), manner, cost) ??
    know(call.workspaceId, call.keyId).then(() => book.decide(call, clock.now(), manner, cost));

  return {
    take: (call, cost) => decide(call, 'take', cost),
    peek: (call, cost) => decide(call, 'peek', cost),
    pass: (call, cost) => decide(call, 'pass', cost),
    async refuse({ workspaceId, keyId }, times) {
      if (!book.isWhole(workspaceId)) await know(workspaceId, keyId);
      const at = clock.now();
      book.refuse(workspaceId, keyId, at, times);
      return { at };
    },
    async giveBack({ workspaceId, keyId }, at, cost) {
      book.giveBack(workspaceId, keyId, at, cost);
    },
    // A take is as cheap.
    refusalOf: () => undefined,
    async read(workspaceId, keyIds) {
      if (!book.isWhole(workspaceId)) await takeOver(workspaceId);
      return book.read(workspaceId, keyIds, clock.now());
    },
    size: book.size,
    async close() {},
  };
}
