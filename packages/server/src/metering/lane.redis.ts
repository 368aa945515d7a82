/**
 * Lanes: how calls reach Redis. What is asked in one step, as by a door that decides on a turn, goes in one batch, and
 * while that is under way all that is asked gathers for the next: the busier it is, the more share a round trip.
 *
 *   ask, ask, ask … -> one batch at a time a lane -> take.lua -> an answer each
 *
 * Promises: a call is done at most once. One that gets no answer in time is failed and never sent again, and its lane
 * takes nothing more until `settle` has found out what became of it.
 * A Redis has one lane; in a cluster each workspace has its own, for a script call can only reach one slot.
 */
import { readFileSync } from 'node:fs';
import { createScript, type RedisClient, runScript } from '../kernel/redis.ts';
import { type Answer, type Batch, createBatch, type Item } from './batch.redis.ts';
import { StoreAway } from './counter.ts';
import { readNumber, viewOf } from './packed.ts';

const takeScript = createScript(readFileSync(new URL('./take.lua', import.meta.url), 'utf8'));
const settleScript = createScript(readFileSync(new URL('./settle.lua', import.meta.url), 'utf8'));

/** Waiting for a lane; past it new calls are refused as unavailable rather than kept. */
const mostWaiting = 20_000;

export interface Lanes {
  ask(item: Item): void;
  /** Finds out about calls that had no answer. @param onDone  is told of each item that was done after all */
  settle(onDone: (item: Item, answer: Answer) => void): Promise<void>;
  /** Sends what waits and waits for the answers. */
  close(): Promise<void>;
}

interface Lane {
  readonly name: string;
  readonly key: string;
  /** The last one is open to what is asked. */
  waiting: Batch[];
  waitingItems: number;
  /** Under way, or without an answer. */
  sent: { readonly number: number; readonly batch: Batch; isLost: boolean } | undefined;
  /** Sends what waits, until nothing does; undefined while nothing does. */
  work: Promise<void> | undefined;
}

interface Needs {
  readonly redis: RedisClient;
  /** Names this process; no other ever uses it. */
  readonly writer: string;
  readonly hashOf: (workspaceId: string) => string;
}

export function createLanes({ redis, writer, hashOf }: Needs): Lanes {
  const lanes = new Map<string, Lane>();
  let calls = 0;

  const laneOf = (workspaceId: string): Lane => {
    const name = redis.isCluster ? workspaceId : '';
    let lane = lanes.get(name);
    if (lane === undefined) {
      const key = redis.isCluster ? `${hashOf(workspaceId)}:lane:${writer}` : `gatekey:lane:${writer}`;
      lane = { name, key, waiting: [], waitingItems: 0, sent: undefined, work: undefined };
      lanes.set(name, lane);
    }
    return lane;
  };

  const pump = async (lane: Lane): Promise<void> => {
    while (lane.sent === undefined && lane.waitingItems > 0) {
      // Whatever is asked in the same step shares the round trip, as the calls that a door decides on together do.
      await undefined;
      const batch = lane.waiting.shift();
      if (batch === undefined) break;
      lane.waitingItems -= batch.items().length;
      calls += 1;
      const sent = { number: calls, batch, isLost: false };
      lane.sent = sent;
      try {
        const { keys, values } = batch.encode(hashOf);
        const packed = await runScript(redis, takeScript, [lane.key, ...keys], [sent.number, ...values]);
        batch.answer(viewOf(packed), (item, answer) => item.done(answer));
        lane.sent = undefined;
      } catch (error) {
        sent.isLost = true;
        failAll([batch, ...lane.waiting.splice(0)], error);
        lane.waitingItems = 0;
      }
    }
    lane.work = undefined;
    if (redis.isCluster && lane.sent === undefined) lanes.delete(lane.name);
  };

  return {
    ask(item) {
      const lane = laneOf(item.call.workspaceId);
      if (lane.sent?.isLost) return item.fail(new StoreAway('Redis has not answered'));
      if (lane.waitingItems >= mostWaiting) return item.fail(new StoreAway('too many calls wait for Redis'));
      if (lane.waiting.at(-1)?.add(item) !== true) {
        const batch = createBatch();
        batch.add(item);
        lane.waiting.push(batch);
      }
      lane.waitingItems += 1;
      lane.work ??= pump(lane);
    },
    async settle(onDone) {
      for (const lane of [...lanes.values()]) {
        if (lane.sent?.isLost !== true) continue;
        const { number, batch } = lane.sent;
        calls += 1;
        const last = await runScript(redis, settleScript, [lane.key], [calls]);
        lane.sent = undefined;
        const packed = viewOf(last);
        if (packed.byteLength > 0 && readNumber(packed, 0) === number) batch.answer(packed, onDone);
      }
    },
    async close() {
      await Promise.all(Array.from(lanes.values(), ({ work }) => work));
    },
  };
}

function failAll(batches: readonly Batch[], cause: unknown): void {
  const error = new StoreAway('Redis did not answer', { cause });
  for (const batch of batches) for (const item of batch.items()) item.fail(error);
}
