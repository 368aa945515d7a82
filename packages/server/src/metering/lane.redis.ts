/**
 * Lanes: how calls reach Redis. What is asked in one turn of the event loop goes in one script call, and while that is
 * under way all that is asked gathers for the next: the busier it is, the more share a round trip.
 *
 *   ask, ask, ask … -> one call at a time a lane -> take.lua -> an answer each
 *
 * Promises: a call is done at most once. One that gets no answer in time is failed and never sent again, and its lane
 * takes nothing more until `settle` has found out what became of it.
 * A Redis has one lane; in a cluster each workspace has its own, for a script call can only reach one slot.
 */
import { readFileSync } from 'node:fs';
import { createScript, type RedisClient, runScript } from '../kernel/redis.ts';
import type { Tally } from './book.ts';
import { type CountedCall, StoreAway } from './counter.ts';
import { readTally } from './packed.ts';

const takeScript = createScript(readFileSync(new URL('./take.lua', import.meta.url), 'utf8'));
const settleScript = createScript(readFileSync(new URL('./settle.lua', import.meta.url), 'utf8'));

/** Decisions in one script call: what Redis does within some 2 ms, in which it serves nobody else. */
const mostPerCall = 256;
/** Waiting for a lane; past it new calls are refused as unavailable rather than kept. */
const mostWaiting = 20_000;

export const operations = { take: 0, peek: 1, refuse: 2 } as const;

/** What is asked, and who is told. */
export interface Item {
  readonly operation: keyof typeof operations;
  readonly call: CountedCall;
  /** How many refused calls; 1 for the others. */
  readonly times: number;
  done(answer: Answer): void;
  fail(error: StoreAway): void;
}

export interface Answer {
  /** `missing`: Redis has no counts of the workspace, and nothing was done. */
  readonly outcome: 'admitted' | 'refused' | 'missing';
  /** Redis's own time, epoch ms. */
  readonly at: number;
  readonly workspace: Tally;
  readonly key: Tally;
}

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
  waiting: Item[];
  /** Under way, or without an answer. */
  sent: { readonly number: number; readonly items: readonly Item[]; isLost: boolean } | undefined;
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
      lane = { name, key, waiting: [], sent: undefined, work: undefined };
      lanes.set(name, lane);
    }
    return lane;
  };

  const pump = async (lane: Lane): Promise<void> => {
    while (lane.sent === undefined && lane.waiting.length > 0) {
      // After this turn's I/O: every request that arrived with it shares the round trip.
      await new Promise((resolve) => setImmediate(resolve));
      const items = lane.waiting.splice(0, mostPerCall);
      calls += 1;
      const sent = { number: calls, items, isLost: false };
      lane.sent = sent;
      try {
        const answers = readAnswers(await send(redis, lane.key, hashOf, sent.number, items));
        lane.sent = undefined;
        for (const [index, item] of items.entries()) item.done(answers.next(index));
      } catch (error) {
        sent.isLost = true;
        failAll([...items, ...lane.waiting.splice(0)], error);
      }
    }
    lane.work = undefined;
    if (redis.isCluster && lane.sent === undefined) lanes.delete(lane.name);
  };

  return {
    ask(item) {
      const lane = laneOf(item.call.workspaceId);
      if (lane.sent?.isLost) return item.fail(new StoreAway('Redis has not answered'));
      if (lane.waiting.length >= mostWaiting) return item.fail(new StoreAway('too many calls wait for Redis'));
      lane.waiting.push(item);
      lane.work ??= pump(lane);
    },
    async settle(onDone) {
      for (const lane of [...lanes.values()]) {
        if (lane.sent?.isLost !== true) continue;
        const { number, items } = lane.sent;
        calls += 1;
        const last = await runScript(redis, settleScript, [lane.key], [calls]);
        lane.sent = undefined;
        if (!Buffer.isBuffer(last) || last.length === 0 || last.readDoubleLE(0) !== number) continue;
        const answers = readAnswers(last);
        for (const [index, item] of items.entries()) onDone(item, answers.next(index));
      }
    },
    async close() {
      await Promise.all(Array.from(lanes.values(), ({ work }) => work));
    },
  };
}

function failAll(items: readonly Item[], cause: unknown): void {
  const error = new StoreAway('Redis did not answer', { cause });
  for (const item of items) item.fail(error);
}

function send(
  redis: RedisClient,
  laneKey: string,
  hashOf: (workspaceId: string) => string,
  number: number,
  items: readonly Item[],
): Promise<unknown> {
  const keys = [laneKey];
  const hashes = new Map<string, number>();
  const sets = new Map<string, number>();
  for (const { call } of items) {
    const quotas = quotasOf(call);
    if (!sets.has(quotas)) sets.set(quotas, sets.size);
    if (hashes.has(call.workspaceId)) continue;
    hashes.set(call.workspaceId, hashes.size);
    keys.push(hashOf(call.workspaceId));
  }
  const values: (string | number)[] = [number, sets.size, ...sets.keys()];
  for (const { operation, call, times } of items) {
    const place = (hashes.get(call.workspaceId) ?? 0) * sets.size + (sets.get(quotasOf(call)) ?? 0);
    values.push(call.keyId, place * 3 + operations[operation]);
    if (operation === 'refuse') values.push(times);
  }
  return runScript(redis, takeScript, keys, values);
}

function quotasOf({ planLimits: p, keyLimits: k }: CountedCall): string {
  return `${p.minute ?? -1} ${p.day ?? -1} ${p.month ?? -1} ${k.minute ?? -1} ${k.day ?? -1} ${k.month ?? -1}`;
}

const numberBytes = 8;
const itemBytes = 13 * numberBytes;
const outcomes = ['refused', 'admitted', 'missing'] as const;

/** Reads answers of take.lua. @throws TypeError when it is none */
function readAnswers(packed: unknown): { next(index: number): Answer } {
  if (!Buffer.isBuffer(packed)) throw new TypeError('the script answers with packed numbers');
  const at = packed.readDoubleLE(numberBytes);
  return {
    next(index) {
      const start = 2 * numberBytes + index * itemBytes;
      const outcome = outcomes[packed.readDoubleLE(start)];
      if (outcome === undefined) throw new TypeError('the script answers with an outcome');
      const workspace = readTally(packed, start + numberBytes, at);
      return { outcome, at, workspace, key: readTally(packed, start + 7 * numberBytes, at) };
    },
  };
}
