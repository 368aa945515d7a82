import { afterAll, describe, expect, it } from 'vitest';
import { type TestRedis, testRedis } from '../../test/redis.ts';
import { createLog } from '../kernel/log.ts';
import { connectRedis, connectSubscriber, disconnectRedis, type RedisClient } from '../kernel/redis.ts';
import { busContract, listen } from './bus.contract.ts';
import { createRedisBus } from './bus.redis.ts';
import type { Bus } from './bus.ts';

const log = createLog('silent');
const clients: RedisClient[] = [];
afterAll(() => clients.forEach(disconnectRedis));

const connect = async ({ url }: TestRedis) => {
  const client = await connectRedis({ urls: [url], log });
  clients.push(client);
  return client;
};
/** @param nodes  to listen to, one after another as they are lost; sends to the last */
const openBus = async (...nodes: readonly TestRedis[]) => {
  const [subscriber, redis] = await Promise.all([
    connectSubscriber({ urls: nodes.map(({ url }) => url), log }),
    connectRedis({ urls: nodes.slice(-1).map(({ url }) => url), log }),
  ]);
  clients.push(subscriber, redis);
  return createRedisBus({ redis, subscriber, log });
};
const reconnected = (bus: Bus) => new Promise<void>((resolve) => bus.onReconnect(resolve));

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

describe('a bus over Redis', () => {
  it('has one subscription for all listeners of a channel, until the last has ended', async () => {
    const redis = await testRedis();
    const [bus, admin] = [await openBus(redis), await connect(redis)];
    const subscriptions = () => admin.pubsub('NUMSUB', 'gatekey:a');
    const [first, second] = [await listen(bus, 'a'), await listen(bus, 'a')];
    expect(await subscriptions()).toEqual(['gatekey:a', 1]);
    first.end();
    await listen(bus, 'told when all before it is done');
    expect(await subscriptions()).toEqual(['gatekey:a', 1]);
    second.end();
    await listen(bus, 'and this too');
    expect(await subscriptions()).toEqual(['gatekey:a', 0]);
    await bus.close();
    await redis.stop();
  });
});

describe('a bus over Redis whose connection breaks', () => {
  it('listens again, and says that messages may be missing', async () => {
    const redis = await testRedis();
    const bus = await openBus(redis);
    const heard = await listen(bus, 'a');
    const back = reconnected(bus);
    await (await connect(redis)).call('CLIENT', 'KILL', 'TYPE', 'pubsub');
    await back;
    bus.publish('a', 'after');
    expect(await heard.until(1)).toEqual(['after']);
    await bus.close();
    await redis.stop();
  });

  it('says so too after a line that only fell silent', async () => {
    const redis = await testRedis();
    const subscriber = await connectSubscriber({ urls: [redis.url], log });
    clients.push(subscriber);
    const bus = createRedisBus({ redis: await connect(redis), subscriber, log });
    const heard = await listen(bus, 'a');
    const away = new Promise<void>((resolve) => subscriber.once('close', () => resolve()));
    const back = reconnected(bus);
    redis.pause();
    await away;
    redis.resume();
    await back;
    bus.publish('a', 'after');
    expect(await heard.until(1)).toEqual(['after']);
    await bus.close();
    await redis.stop();
  });

  it('listens to the next node where there are several', async () => {
    const [lost, stays] = [await testRedis(), await testRedis()];
    const bus = await openBus(lost, stays);
    const heard = await listen(bus, 'a');
    const back = reconnected(bus);
    await lost.kill();
    await back;
    bus.publish('a', 'after');
    expect(await heard.until(1)).toEqual(['after']);
    await bus.close();
    await Promise.all([lost.stop(), stays.stop()]);
  });
});
