/**
 * Bus over Redis pub/sub: reaches every server of the instance.
 *
 * Listening has a connection of its own, which is pinged every second while anybody listens, so that a dead line is
 * noticed although nothing is said on it. After a reconnect all channels are subscribed again before anyone is told.
 * What cannot be sent is told on this server at least: its own watchers are not to wait for the others' line.
 * A subscription has no time-out: it is confirmed, or the line is closed, and then it is made anew and everyone told.
 */
import type { Log } from '../kernel/log.ts';
import type { RedisClient, RedisSubscriber } from '../kernel/redis.ts';
import type { Bus } from './bus.ts';
import { createListeners } from './listeners.ts';

const prefix = 'gatekey:';
const pingEveryMs = 1_000;

/**
 * @param redis       sends; may be shared with others
 * @param subscriber  listens; for this bus alone
 */
export function createRedisBus({
  redis,
  subscriber,
  log,
}: {
  redis: RedisClient;
  subscriber: RedisSubscriber;
  log: Log;
}): Bus {
  const listeners = createListeners(log);
  const reconnects = new Set<() => void>();
  /** Subscriptions and their ends go out one after another, in the order they were asked for. */
  let order: Promise<unknown> = Promise.resolve();
  const inOrder = (step: () => Promise<unknown>): Promise<unknown> => {
    order = order.then(step, step);
    return order;
  };

  subscriber.on('message', (channel: string, message: string) => listeners.tell(channel.slice(prefix.length), message));
  subscriber.on('ready', () => {
    void inOrder(async () => {
      const channels = listeners.channels().map((channel) => prefix + channel);
      if (channels.length > 0) await subscriber.subscribe(...channels);
      for (const tell of [...reconnects]) tell();
    }).catch(() => {});
  });
  const pinging = setInterval(() => {
    // A ping that gets no answer makes the connection close, which is all that is wanted of it.
    if (listeners.channels().length > 0) subscriber.ping().catch(() => {});
  }, pingEveryMs);

  return {
    publish(channel, message) {
      redis.publish(prefix + channel, message).catch((error: unknown) => {
        log.debug({ err: error, channel }, 'a hint reaches this server alone');
        listeners.tell(channel, message);
      });
    },
    async subscribe(channel, listener) {
      const { isFirst, remove } = listeners.add(channel, listener);
      if (isFirst) {
        // Without a connection it is made up for when it is back.
        await inOrder(() => subscriber.subscribe(prefix + channel)).catch(() => {});
      } else {
        await order.catch(() => {});
      }
      return () => {
        if (remove()) void inOrder(() => subscriber.unsubscribe(prefix + channel)).catch(() => {});
      };
    },
    onReconnect(listener) {
      reconnects.add(listener);
      return () => void reconnects.delete(listener);
    },
    async close() {
      clearInterval(pinging);
      listeners.clear();
      reconnects.clear();
      await order.catch(() => {});
    },
  };
}
