/** The two counters against each other, and the calendar of the script against ours. */
import { readFileSync } from 'node:fs';
import { windowAt } from '@gatekey/shared';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sharedCounter } from '../../test/counters.ts';
import { type TestLedger, testLedger } from '../../test/ledger.ts';
import { type TestRedis, testRedis } from '../../test/redis.ts';
import { createLog } from '../kernel/log.ts';
import { connectRedis, disconnectRedis, type RedisClient } from '../kernel/redis.ts';
import { createLocalCounter } from './counter.local.ts';
import type { Counter, Taken } from './counter.ts';
import type { Seeds } from './seeds.ts';
import { noCounts, type StoredCounts } from './taken.ts';

let redis: TestRedis;
let client: RedisClient;
let books: TestLedger;
beforeAll(async () => {
  redis = await testRedis();
  books = await testLedger();
  client = await connectRedis({ urls: [redis.url], log: createLog('silent') });
});
afterAll(async () => {
  disconnectRedis(client);
  await redis.stop();
  await books.close();
});

const quota = fc.option(fc.integer({ min: 0, max: 9 }), { nil: null });
const limits = fc.record({ minute: quota, day: quota, month: quota });
const counts = fc.record({ minute: fc.nat(5), day: fc.nat(5), month: fc.nat(5) });
/** What there is before, and how long it was not changed: from this minute to beyond this month. */
const before = fc.record({
  ageMs: fc.constantFrom(0, 60_000, 86_400_000, 32 * 86_400_000),
  used: counts,
  refused: counts,
});
/** What is asked of one key in a turn: takes first, a look last. */
const askedOfKey = fc.record({
  key: fc.nat(1),
  planLimits: limits,
  keyLimits: limits,
  takes: fc.nat(4),
  cost: fc.integer({ min: 1, max: 3 }),
  refuses: fc.nat(2),
});
const turn = fc.uniqueArray(askedOfKey, { minLength: 1, maxLength: 2, selector: ({ key }) => key });
type Turn = typeof turn extends fc.Arbitrary<infer Value> ? Value : never;

/** Asks all of a turn at once. */
async function ask(counter: Counter, workspaceId: string, turn: Turn): Promise<Pick<Taken, 'at'>[]> {
  const asked = turn.flatMap(({ key, planLimits, keyLimits, takes, cost, refuses }) => {
    const call = { workspaceId, keyId: `${workspaceId}-${key}`, planLimits, keyLimits };
    return [
      ...Array.from({ length: takes }, () => counter.take(call, cost)),
      ...Array.from({ length: refuses }, () => counter.refuse(call, 2)),
      counter.peek(call, cost),
    ];
  });
  return Promise.all<Pick<Taken, 'at'>>(asked);
}

describe('the counters in Redis and in this process', () => {
  it('decide and count alike, whatever stood there before', async () => {
    let workspaces = 0;
    await fc.assert(
      fc.asyncProperty(fc.tuple(before, before, before), fc.array(turn, { maxLength: 12 }), async (past, turns) => {
        workspaces += 1;
        const workspaceId = `ws_${workspaces}`;
        const ids = [workspaceId, `${workspaceId}-0`, `${workspaceId}-1`];
        const start = windowAt('minute', Number((await client.time())[0]) * 1000).startsAt;
        // A key was never called after its workspace was.
        const age = Math.min(...past.map(({ ageMs }) => ageMs));
        const stored = past.map(({ ageMs, ...rest }, index): StoredCounts => {
          return { at: start - (index === 0 ? age : ageMs), ...rest };
        });
        const [workspace = noCounts, ...ofKeys] = stored;
        const keys = new Map(ofKeys.map((counts, index) => [`${workspaceId}-${index}`, counts]));
        const seeds: Seeds = { of: async () => ({ workspace, keys, apart: [] }) };
        const inRedis = sharedCounter({ redis: client, seeds, ledger: books.ledger });
        await inRedis.read(workspaceId, ids.slice(1));
        let now = start;
        const here = createLocalCounter({ clock: { now: () => now }, seeds });
        await here.read(workspaceId, ids.slice(1));
        for (const turn of turns) {
          const there = await ask(inRedis, workspaceId, turn);
          now = there[0]?.at ?? now;
          expect(await ask(here, workspaceId, turn)).toEqual(there);
        }
        const left = await inRedis.read(workspaceId, ids.slice(1));
        now = left.at;
        expect(await here.read(workspaceId, ids.slice(1))).toEqual(left);
      }),
      { numRuns: 100 },
    );
  });
});

describe('the script', () => {
  it('has the months of the calendar, to the millisecond, for two hundred years', async () => {
    const source = readFileSync(new URL('./take.lua', import.meta.url), 'utf8');
    const calendar = source.slice(0, source.indexOf('-- Past any month'));
    const [, arithmetic = ''] = calendar.split('local now = time[1] * 1000 + math.floor(time[2] / 1000)');
    expect(arithmetic).toContain('local month =');
    const instants = Array.from({ length: 200 * 12 }, (_, index) => Date.UTC(1970, index, 1)).flatMap((first) =>
      first === 0 ? [first] : [first - 1, first],
    );
    const script = `local months = {}
      for i, at in ipairs(ARGV) do
        local now = tonumber(at)
        ${arithmetic}
        months[i] = month
      end
      return months`;
    expect(await client.eval(script, 0, ...instants)).toEqual(instants.map((at) => windowAt('month', at).startsAt));
  });
});
