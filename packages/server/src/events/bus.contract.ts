/**
 * What every bus promises, as tests. Each bus runs them against the real thing.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Bus } from './bus.ts';

/** The messages of a channel in the order they came, each awaited. */
export async function listen(bus: Bus, channel: string) {
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

export interface BusesUnderTest {
  readonly one: Bus;
  /** As on another server, where the transport reaches one. */
  readonly other: Bus;
  close(): Promise<void>;
}

export function busContract(name: string, open: () => Promise<BusesUnderTest>): void {
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

    it('calls a listener no more that another one ended while a message was brought', async () => {
      const called: string[] = [];
      let endSecond = () => {};
      const endFirst = await one.subscribe('g', () => {
        called.push('first');
        endFirst();
        endSecond();
      });
      endSecond = await one.subscribe('g', () => called.push('second'));
      const third = await listen(one, 'g');
      one.publish('g', 'x');
      one.publish('g', 'y');
      expect(await third.until(2)).toEqual(['x', 'y']);
      expect(called).toEqual(['first']);
    });

    it('calls nobody twice, however often a listening is ended', async () => {
      const stays = await listen(other, 'h');
      const gone = await listen(other, 'h');
      gone.end();
      gone.end();
      one.publish('h', 'x');
      expect(await stays.until(1)).toEqual(['x']);
      expect(gone.messages).toEqual([]);
    });
  });
}
