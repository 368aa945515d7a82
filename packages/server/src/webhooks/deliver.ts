/**
 * Deliver: sends what is due, until it is told to stop.
 *
 *   hint, or a second gone by -> claim as many as there is room for -> POST each -> finish -> claim again
 *
 * Promises: at least once, whatever dies when; nothing is sent that is not written as an attempt before; who stops it waits
 * for seconds, and what could not be sent by then is due again at once.
 * May run on any number of servers at the same time: the queue keeps them apart.
 * A hint may get lost. Nothing depends on it but how soon a delivery is sent.
 */
import { setTimeout as wait } from 'node:timers/promises';
import { webhookTestType } from '@gatekey/shared';
import type { Events } from '../events/domain-event.ts';
import type { Clock } from '../kernel/clock.ts';
import type { Log } from '../kernel/log.ts';
import type { Sealer } from '../kernel/sealed.ts';
import { within } from '../kernel/within.ts';
import type { Claimed, Finished, Queue } from './queue.ts';
import { verdictOf } from './schedule.ts';
import type { Posted, Sender } from './sender.ts';
import { signatureHeaders } from './signature.ts';

export interface Deliverer {
  /** Takes no more; what is being sent has some seconds left. */
  close(): Promise<void>;
}

/** How many one server sends at a time. */
const slots = 64;
const lookEveryMs = 1_000;
/** What is being sent when it is to stop has so long, ms. */
const graceMs = 4_000;
/** After these, a result that could not be written is tried again, ms; then the lease brings it to somebody else. */
const writeAgainMs = [200, 1_000, 5_000];

interface Needs {
  readonly queue: Queue;
  readonly sender: Pick<Sender, 'post'>;
  readonly sealer: Sealer;
  readonly events: Events;
  readonly clock: Clock;
  readonly log: Log;
}

/** Begins to deliver. */
export async function startDelivering({ queue, sender, sealer, events, clock, log }: Needs): Promise<Deliverer> {
  const stopping = new AbortController();
  const running = new Set<Promise<void>>();
  let isOpen = true;
  let claiming: Promise<void> | undefined;
  let isAgain = false;
  let isAway = false;

  const attempt = async (claimed: Claimed): Promise<void> => {
    announce(events, claimed);
    const at = claimed.startedAt.getTime();
    const secrets = secretsOf(claimed, sealer, at);
    const { url, payload: body, deliveryId: id, failures, failingSince } = claimed;
    const posted: Posted =
      secrets === undefined
        ? { fault: 'secret', durationMs: 0 }
        : await sender.post({ url, body, headers: signatureHeaders({ id, at, body }, secrets) }, stopping.signal);
    const wasStopped = 'fault' in posted && posted.fault === 'interrupted';
    const now = clock.now();
    const verdict = wasStopped
      ? ({ state: 'pending', dueAt: now } as const)
      : verdictOf({
          posted,
          failures,
          isTest: claimed.type === webhookTestType,
          failingSince: failingSince?.getTime() ?? null,
          now,
          random: Math.random(),
        });
    await write(queue, claimed, { posted, verdict }, log);
    announce(events, claimed);
  };

  const claim = async (): Promise<void> => {
    do {
      isAgain = false;
      const room = slots - running.size;
      if (room === 0) return;
      for (const claimed of await queue.claim(room)) {
        const work: Promise<void> = attempt(claimed)
          .catch((error: unknown) => log.error({ err: error, delivery: claimed.deliveryId }, 'an attempt failed'))
          .finally(() => {
            running.delete(work);
            look();
          });
        running.add(work);
      }
    } while (isAgain && isOpen);
  };

  const look = () => {
    if (!isOpen) return;
    if (claiming !== undefined) {
      isAgain = true;
      return;
    }
    claiming = claim()
      .then(
        () => {
          if (isAway) log.info({}, 'webhooks are sent again');
          isAway = false;
        },
        (error: unknown) => {
          if (!isAway) log.warn({ err: error }, 'webhooks cannot be read; they are kept and sent later');
          isAway = true;
        },
      )
      .finally(() => {
        claiming = undefined;
      });
  };

  const endHints = await events.listenToAll((event) => {
    if (event.type === 'delivery.changed' && event.isDue) look();
  });
  const looking = setInterval(look, lookEveryMs);
  look();

  return {
    async close() {
      isOpen = false;
      endHints();
      clearInterval(looking);
      await claiming;
      await within(graceMs, Promise.all(running), 'not all is sent').catch(() => stopping.abort());
      await Promise.all(running);
    },
  };
}

function announce(events: Events, { workspaceId, endpointId, deliveryId }: Claimed): void {
  events.announce({ type: 'delivery.changed', workspaceId, endpointId, deliveryId, isDue: false });
}

/** The secrets that sign now; undefined when they cannot be read, because the instance's own secret was changed. */
function secretsOf(claimed: Claimed, sealer: Sealer, now: number): string[] | undefined {
  const { endpointId, secret, previousSecret, previousSecretEndsAt } = claimed;
  const current = sealer.open(secret, endpointId);
  if (current === undefined) return undefined;
  const overlaps = previousSecret !== null && previousSecretEndsAt !== null && previousSecretEndsAt.getTime() > now;
  const previous = overlaps ? sealer.open(previousSecret, endpointId) : undefined;
  return previous === undefined ? [current] : [current, previous];
}

async function write(queue: Queue, claimed: Claimed, finished: Finished, log: Log): Promise<void> {
  for (const ms of writeAgainMs) {
    try {
      return await queue.finish(claimed, finished);
    } catch (error) {
      log.debug({ err: error, delivery: claimed.deliveryId }, 'the result of an attempt is written again');
      await wait(ms);
    }
  }
  await queue.finish(claimed, finished);
}
