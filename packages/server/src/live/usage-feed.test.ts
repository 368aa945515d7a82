import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type TestLedger, testLedger } from '../../test/ledger.ts';
import { createLocalBus } from '../events/bus.local.ts';
import { createEvents } from '../events/domain-event.ts';
import { systemClock } from '../kernel/clock.ts';
import { createLog } from '../kernel/log.ts';
import { createLocalCounter } from '../metering/counter.local.ts';
import { createUsageAnnouncer } from './usage-announcer.ts';
import { createUsageFeed, type UsageFeed } from './usage-feed.ts';
import type { UsageTick } from './usage-tick.ts';
import { createWatched } from './watched.ts';

const none = { minute: null, day: null, month: null };
const feeds: UsageFeed[] = [];
afterEach(() => {
  for (const feed of feeds.splice(0)) feed.close();
});

let books: TestLedger;
beforeAll(async () => {
  books = await testLedger();
});
afterAll(() => books.close());

async function world() {
  const log = createLog('silent');
  const bus = createLocalBus({ log });
  const counter = createLocalCounter({ clock: systemClock, seeds: books.seeds });
  const watched = await createWatched({ bus, channel: 'watched' });
  const announcer = createUsageAnnouncer({ bus, watched });
  const keys = new Map([
    ['key_1', none],
    ['key_2', none],
  ]);
  const limitsOf = async () => ({ plan: none, keys });
  const feed = createUsageFeed({ bus, watched, meter: counter, log, limitsOf, events: createEvents({ bus, log }) });
  feeds.push(feed);
  const call = async (keyId = 'key_1') => {
    await counter.take({ workspaceId: 'ws_1', keyId, planLimits: none, keyLimits: none });
    announcer.touch('ws_1', keyId);
  };
  return { feed, call, keys };
}

/** Reads until a tick fits. */
async function until(ticks: AsyncIterator<UsageTick>, fits: (tick: UsageTick) => boolean): Promise<UsageTick> {
  for (;;) {
    const { value, done } = await ticks.next();
    if (done) throw new Error('the feed ended');
    if (fits(value)) return value;
  }
}
const used = (count: number) => (tick: UsageTick) =>
  tick.usage.minute.used === count || tick.usage.month.used === count;

describe('a reader that stalls', () => {
  it('gets one newest tick with all that changed when it reads again, while another misses nothing', async () => {
    const { feed, call } = await world();
    const [stalled, reader] = [await feed.watch('ws_1'), await feed.watch('ws_1')];
    await until(stalled, () => true);
    await until(reader, () => true);
    for (let round = 1; round <= 4; round++) {
      await call(round % 2 === 0 ? 'key_1' : 'key_2');
      await until(reader, used(round));
    }
    const { value } = await stalled.next();
    expect(value?.usage.month.used).toBe(4);
    expect([...(value?.keys ?? [])].map(([keyId, usage]) => [keyId, usage.month.used])).toEqual(
      expect.arrayContaining([
        ['key_1', 2],
        ['key_2', 2],
      ]),
    );
  });
});

describe('watchers', () => {
  it('of one key are sent that key alone', async () => {
    const { feed, call } = await world();
    const ticks = await feed.watch('ws_1', 'key_2');
    expect([...(await until(ticks, () => true)).keys.keys()]).toEqual(['key_2']);
    await call('key_1');
    expect([...(await until(ticks, used(1))).keys.keys()]).toEqual([]);
  });

  it('that come later begin with a full tick as well', async () => {
    const { feed, call } = await world();
    const early = await feed.watch('ws_1');
    await until(early, () => true);
    await call();
    const late = await feed.watch('ws_1');
    const first = await until(late, () => true);
    expect([...first.keys.keys()]).toEqual(['key_1', 'key_2']);
    expect(first.usage.month.used).toBe(1);
  });

  it('are forgotten when they go, whether they are waiting or not', async () => {
    const { feed } = await world();
    const [waiting, idle] = [await feed.watch('ws_1'), await feed.watch('ws_2')];
    await until(waiting, () => true);
    const next = waiting.next();
    expect(feed.watchers()).toBe(2);
    await Promise.all([waiting.return?.(), idle.return?.()]);
    expect(await next).toEqual({ done: true, value: undefined });
    expect(feed.watchers()).toBe(0);
  });
});
