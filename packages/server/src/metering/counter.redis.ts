/**
 * Counter in Redis: exact across servers.
 *
 * Every step is one script, so whatever runs at the same time, on this server or another, sees each call counted whole
 * or not at all. The clock is Redis's own. What a workspace has is one hash, and in a cluster it lies on one slot.
 * Where there is none, the workspace's counts are taken over from the ledger: one that was never called, and every one
 * after Redis came back empty. Such a call waits for it; nothing begins at zero that did not.
 */
import { readFileSync } from 'node:fs';
import { windowsAt } from '@gatekey/shared';
import { createScript, pingRedis, type RedisClient, runScript } from '../kernel/redis.ts';
import type { Answer, Item } from './batch.redis.ts';
import type { Book } from './book.ts';
import {
  type CountedCall,
  type Counter,
  CounterUnavailable,
  StoreAway,
  type Taken,
  type UsageCounts,
} from './counter.ts';
import { createLanes } from './lane.redis.ts';
import type { ApartCounts } from './ledger.ts';
import { bytes, countsBytes, numbersOf, readCounts, readNumber, viewOf } from './packed.ts';
import type { Seeds } from './seeds.ts';
import { currentCounts, takenFrom, type Used } from './taken.ts';

const seedScript = createScript(readFileSync(new URL('./seed.lua', import.meta.url), 'utf8'));
const readScript = createScript(readFileSync(new URL('./read.lua', import.meta.url), 'utf8'));
const giveScript = createScript(readFileSync(new URL('./give.lua', import.meta.url), 'utf8'));
const mergeScript = createScript(readFileSync(new URL('./merge.lua', import.meta.url), 'utf8'));

/** A hash that was given its counts is there the next time, but for a Redis that is emptied again and again. */
const mostAttempts = 3;

/**
 * The counter that servers share. It throws StoreAway where Redis does not answer; `settle` and `merge` are due before
 * it counts again. Where only the ledger does not answer it throws CounterUnavailable.
 */
export interface SharedCounter extends Omit<Counter, 'take' | 'peek' | 'refusalOf'> {
  take(call: CountedCall, cost?: number): Promise<Taken>;
  peek(call: CountedCall, cost?: number): Promise<Taken>;
  /**
   * Finds out about calls that failed with StoreAway.
   *
   * @param onCounted  is told of each that was counted all the same
   * @throws what the connection throws
   */
  settle(onCounted: (call: CountedCall, at: number, accepted: number, refused: number) => void): Promise<void>;
  /** Adds what was counted apart, once. @param at  within the windows of the counts, epoch ms */
  merge(workspaceId: string, at: number, apart: readonly ApartCounts[]): Promise<void>;
  /**
   * The store's time as it is known here, epoch ms; it runs behind by as much as an answer takes.
   *
   * @param holdsMs  for how long after an answer it counts as known
   */
  now(holdsMs?: number): number | undefined;
}

interface Needs {
  readonly redis: RedisClient;
  readonly seeds: Seeds;
  /** Names this process; no other ever uses it. */
  readonly writer: string;
  /** Is told what Redis has of a workspace and of a key, whenever it counted. */
  readonly onHeard: Book['learn'];
}

// The braces put all that a workspace has on one slot of a cluster.
const hashOf = (workspaceId: string) => `gatekey:{${workspaceId}}`;
const apartOf = (workspaceId: string) => `gatekey:{${workspaceId}}:apart`;
const rowOf = ({ writer, keyId }: ApartCounts) => `${writer} ${keyId}`;

/** A counter on a Redis or a Redis Cluster. */
export function createRedisCounter({ redis, seeds, writer, onHeard }: Needs): SharedCounter {
  const lanes = createLanes({ redis, writer, hashOf });
  let told: { at: number; heardAt: number } | undefined;

  // Written without `async`: it is on the way of every request, and each level of promises costs it.
  const ask = (operation: Item['operation'], call: CountedCall, times = 1, attempt = 1): Promise<Taken> =>
    new Promise((resolve, fail) => {
      const done = ({ outcome, at, workspace, key, later }: Answer) => {
        told = { at, heardAt: performance.now() };
        if (outcome === 'missing') {
          if (attempt === mostAttempts) return fail(new CounterUnavailable('Redis forgets faster than it can be told'));
          seed({ redis, seeds }, call.workspaceId, at)
            .then(() => ask(operation, call, times, attempt + 1))
            .then(resolve, fail);
          return;
        }
        if (operation !== 'peek') onHeard(call, workspace, key, at);
        const cost = operation === 'refuse' ? 1 : times;
        resolve(takenFrom(call, at, outcome === 'admitted', less(workspace.used, later), less(key.used, later), cost));
      };
      lanes.ask({ operation, call, times, done, fail });
    });

  return {
    take: (call, cost) => ask('take', call, cost),
    peek: (call, cost) => ask('peek', call, cost),
    refuse: async (call, times) => ({ at: (await ask('refuse', call, times)).at }),
    async giveBack(call, at, cost) {
      const { minute, day, month } = windowsAt(at);
      const values = [call.keyId, cost, minute.startsAt, day.startsAt, month.startsAt, month.resetsAt];
      const packed = viewOf(await answerOf(runScript(redis, giveScript, [hashOf(call.workspaceId)], values)));
      if (packed.byteLength === 0) return;
      const counts = (index: number) => readCounts(packed, bytes + index * countsBytes);
      onHeard(call, counts(0), counts(1), readNumber(packed, 0));
    },
    read: (workspaceId, keyIds) => read({ redis, seeds }, workspaceId, keyIds),
    async settle(onCounted) {
      await pingRedis(redis);
      await lanes.settle(({ operation, call, times }, { outcome, at }) => {
        if (operation === 'peek' || outcome === 'missing') return;
        const refused = operation === 'refuse' ? times : 1;
        onCounted(call, at, outcome === 'admitted' ? times : 0, outcome === 'refused' ? refused : 0);
      });
    },
    async merge(workspaceId, at, apart) {
      const { minute, day, month } = windowsAt(at);
      const rows = apart.flatMap((one) => [rowOf(one), one.keyId, ...numbersOf(one.counts)]);
      const values = [minute.startsAt, day.startsAt, month.startsAt, ...rows];
      await runScript(redis, mergeScript, [hashOf(workspaceId), apartOf(workspaceId)], values);
    },
    now(holdsMs = Number.POSITIVE_INFINITY) {
      if (told === undefined) return undefined;
      const passedMs = performance.now() - told.heardAt;
      return passedMs < holdsMs ? told.at + passedMs : undefined;
    },
    close: lanes.close,
  };
}

/** Calls without the later ones. */
function less(used: Used, later: number): Used {
  if (later === 0) return used;
  return { minute: used.minute - later, day: used.day - later, month: used.month - later };
}

/** Gives a workspace what the ledger has. @throws CounterUnavailable */
async function seed({ redis, seeds }: Pick<Needs, 'redis' | 'seeds'>, workspaceId: string, at: number): Promise<void> {
  const { workspace, keys, apart } = await seeds.of(workspaceId, at).catch((error: unknown) => {
    throw new CounterUnavailable('counts could not be taken over', { cause: error });
  });
  const fields = [['w', workspace] as const, ...keys];
  const rows = apart.map((one) => [rowOf(one), one.counts] as const);
  const values = [...fields, ...rows].flatMap(([name, counts]) => [name, counts.at, ...numbersOf(counts)]);
  await answerOf(runScript(redis, seedScript, [hashOf(workspaceId), apartOf(workspaceId)], [fields.length, ...values]));
}

async function read(
  needs: Pick<Needs, 'redis' | 'seeds'>,
  workspaceId: string,
  keyIds: readonly string[],
): Promise<UsageCounts> {
  for (let attempt = 1; attempt <= mostAttempts; attempt += 1) {
    const packed = viewOf(await answerOf(runScript(needs.redis, readScript, [hashOf(workspaceId)], keyIds)));
    const at = readNumber(packed, 0);
    if (readNumber(packed, bytes) === 1) {
      const countsAt = (index: number) => currentCounts(readCounts(packed, 2 * bytes + index * countsBytes), at);
      const keys = new Map(keyIds.map((keyId, index) => [keyId, countsAt(index + 1)]));
      return { at, workspace: countsAt(0), keys };
    }
    await seed(needs, workspaceId, at);
  }
  throw new CounterUnavailable('Redis forgets faster than it can be told');
}

function answerOf(answer: Promise<unknown>): Promise<unknown> {
  return answer.catch((error: unknown) => {
    throw new StoreAway('Redis did not answer', { cause: error });
  });
}
