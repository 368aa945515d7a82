/**
 * Put away: what is not to be sent any more is ended, and what is long over is deleted.
 *
 *   an endpoint was disabled, or 10 s gone by -> end a portion of what is left of it -> the next one
 *   10 min gone by -> delete a portion of what is past -> the next one, for some seconds
 *
 * Promises: no statement takes long, however much there is; who stops it waits for one portion. Should it break off in
 * the middle, the rest is not sent either, and this goes on with it.
 * May run on any number of servers at the same time.
 */
import type { Events } from '../events/domain-event.ts';
import { every } from '../kernel/every.ts';
import type { Log } from '../kernel/log.ts';
import type { Queue } from './queue.ts';

export interface PutAway {
  /** Begins no portion any more, and waits for those that are begun. */
  close(): Promise<void>;
}

const endEveryMs = 10_000;
const forgetEveryMs = 600_000;
/** For how long it deletes at a time: who has that much waits for the next time, ms. */
const forgetForMs = 10_000;

interface Needs {
  readonly queue: Queue;
  readonly events: Events;
  readonly log: Log;
}

/** Begins to put away. */
export async function startPuttingAway({ queue, events, log }: Needs): Promise<PutAway> {
  let isOpen = true;
  const portions = async (work: () => Promise<boolean>, forMs = Number.POSITIVE_INFINITY) => {
    const until = performance.now() + forMs;
    while (isOpen && performance.now() < until && (await work()));
  };
  const onFailure = (error: unknown) => log.debug({ err: error }, 'deliveries are put away later');
  const ending = every(endEveryMs, () => portions(queue.endSome), onFailure);
  const forgetting = every(forgetEveryMs, () => portions(queue.forgetSome, forgetForMs), onFailure);
  const endHints = await events.listenToAll(({ type }) => {
    if (type === 'webhook.disabled') ending.now();
  });

  return {
    async close() {
      isOpen = false;
      endHints();
      await Promise.all([ending.end(), forgetting.end()]);
    },
  };
}
