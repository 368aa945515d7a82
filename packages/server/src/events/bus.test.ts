import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type TestRedis, testRedis } from '../../test/redis.ts';
import { createLog } from '../kernel/log.ts';
import { connectRedis, disconnectRedis, type RedisClient } from '../kernel/redis.ts';
import { createLocalBus } from './bus.local.ts';
import { createRedisBus } from './bus.redis.ts';
import type { Bus } from './bus.ts';

const log = createLog('silent');

/** The messages of a channel in the order they came, each awaited. */
async function listen(bus: Bus, channel: string) {
  const messages: string[] = [];
  let notice = () => {};
  const end = await bus.subscribe(channel, (message) => {
    messages.push(message);
    notice();
  });
  const until = async (count: number): Promise<string[]> => {
    while (messages.length < count)
      await new Promise<void>((resolve) => {
        notice = resolve;
      });
    return messages;
  };
  return { messages, until, end };
}

function busContract(name: string, open: () => Promise<{ one: Bus; other: Bus; close(): Promise<void> }>): void {
  describe(`the bus ${name}`, () => {
    let one: Bus;
    let other: Bus;
    let close: () => Promise<void>;
    beforeAll(async () => {
      ({ one, other, close } = await open());
    });
    afterAll(() => close());

    it('brings messages to every listener, in order, from when subscribing is done', async () => {
      const [here, there] = [await listen(one, 'a'), await listen(other, 'a')];
      for (const message of ['1', '2', '3']) one.publish('a', message);
      expect(await here.until(3)).toEqual(['1', '2', '3']);
      expect(await there.until(3)).toEqual(['1', '2', '3']);
    });

    it('keeps channels apart', async () => {
      const [b, c] = [await listen(other, 'b'), await listen(other, 'c')];
      one.publish('b', 'for b');
      one.publish('c', 'for c');
      expect(await c.until(1)).toEqual(['for c']);
      expect(await b.until(1)).toEqual(['for b']);
    });

    it('calls nobody who has ended, and goes on for the others', async () => {
      const [gone, stays] = [await listen(one, 'd'), await listen(one, 'd')];
      gone.end();
      one.publish('d', 'x');
      await stays.until(1);
      expect(gone.messages).toEqual([]);
    });

    it('can be listened to again at once after the last has ended', async () => {
      (await listen(one, 'e')).end();
      const again = await listen(one, 'e');
      other.publish('e', 'x');
      expect(await again.until(1)).toEqual(['x']);
    });

    it('lets no listener harm another', async () => {
      await one.subscribe('f', () => {
        throw new Error('broken');
      });
      const well = await listen(one, 'f');
      one.publish('f', 'x');
      expect(await well.until(1)).toEqual(['x']);
    });
  });
}

busContract('in this process', async () => {
  const bus = createLocalBus({ log });
  return { one: bus, other: bus, close: () => bus.close() };
});

const clients: RedisClient[] = [];
const connect = async (redis: TestRedis) => {
  const client = await connectRedis({ urls: [redis.url], log });
  clients.push(client);
  return client;
};
const openBus = async (redis: TestRedis) => {
  const [sender, subscriber] = [await connect(redis), await connect(redis)];
  return createRedisBus({ redis: sender, subscriber, log });
};
afterAll(() => clients.forEach(disconnectRedis));

busContract('over Redis', async () => {
  const redis = await testRedis();
  const [one, other] = [await openBus(redis), await openBus(redis)];
  return {
    one,
    other,
    async close() {
      await Promise.all([one.close(), other.close()]);
      await redis.stop();
    },
  };
});

describe('a bus over Redis whose connection breaks', () => {
  it('listens again, and says that messages may be missing', async () => {
    const redis = await testRedis();
    const bus = await openBus(redis);
    const heard = await listen(bus, 'a');
    const reconnected = new Promise<void>((resolve) => bus.onReconnect(resolve));
    const admin = await connect(redis);
    await admin.call('CLIENT', 'KILL', 'TYPE', 'pubsub');
    await reconnected;
    bus.publish('a', 'after');
    expect(await heard.until(1)).toEqual(['after']);
    await bus.close();
    await redis.stop();
  });
});
