/** Past webhooks: endpoints, and what was sent to them on the clock of the past, without a network. */
import type { Actor } from '../accounts/actor.ts';
import type { Clock } from '../kernel/clock.ts';
import type { Deliveries } from '../webhooks/deliveries.ts';
import type { Endpoints } from '../webhooks/endpoints.ts';
import type { Queue } from '../webhooks/queue.ts';
import { verdictOf } from '../webhooks/schedule.ts';
import type { Keepsake } from './keepsake.ts';
import { granted } from './people.ts';
import { answers, type ReceiverPath, type Receivers } from './receivers.ts';

export interface WebhookRooms {
  readonly endpoints: Endpoints;
  readonly deliveries: Pick<Deliveries, 'test'>;
  readonly queue: Queue;
  readonly receivers: Pick<Receivers, 'urlOf'>;
  readonly clock: Clock;
}

const endpointOf: Readonly<Record<ReceiverPath, { description: string; events: readonly string[] }>> = {
  '/operations': { description: 'Operations channel', events: [] },
  '/billing': {
    description: 'Billing system',
    events: ['key.updated', 'key.rotated', 'key.revoked', 'usage.threshold', 'usage.exceeded'],
  },
};

/** Makes an endpoint for each receiver, and tests the first, as people do. @param made  takes their ids */
export async function makeEndpoints(
  { endpoints, deliveries, receivers }: WebhookRooms,
  actor: Actor,
  made: Keepsake['endpoints'],
): Promise<void> {
  for (const path of ['/operations', '/billing'] as const) {
    const input = { url: receivers.urlOf(path), ...endpointOf[path] };
    const { endpointId } = granted(await endpoints.create(actor, undefined, input));
    made[path] = endpointId;
    if (path === '/operations') granted(await deliveries.test(actor, endpointId));
  }
}

/** Sends what is due on the clock: each attempt is answered as its receiver answers. */
export async function sendDue({ queue, clock }: WebhookRooms): Promise<void> {
  for (let due = await queue.claim(64); due.length > 0; due = await queue.claim(64)) {
    for (const claimed of due) {
      const { status, body } =
        new URL(claimed.url).pathname === '/billing' ? answers['/billing'] : answers['/operations'];
      const posted = { status, body, durationMs: Math.round(20 + 180 * Math.random()), retryAfter: undefined };
      const failingSince = claimed.failingSince?.getTime() ?? null;
      const { failures } = claimed;
      const tried = { posted, failures, isTest: false, failingSince, now: clock.now(), random: Math.random() };
      await queue.finish(claimed, { posted, verdict: verdictOf(tried) });
    }
  }
}
