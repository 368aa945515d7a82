/**
 * Deliveries: the commands on what is sent: a test, one more time, all that failed.
 *
 * They only make deliveries due; those are sent as any other, and whoever watches sees it.
 */
import { kindOfId, webhookTestType } from '@gatekey/shared';
import { z } from 'zod';
import { type Actor, can, canSee } from '../accounts/actor.ts';
import type { Events } from '../events/domain-event.ts';
import type { Outbox } from '../events/outbox.ts';
import type { Clock } from '../kernel/clock.ts';
import type { NewId } from '../kernel/id.ts';
import { readInput } from '../kernel/input.ts';
import { done, type Outcome, refuse, refuseInput } from '../kernel/problem.ts';
import { holdClaims, onEndpoint } from './endpoint.ts';
import { testMessage } from './message.ts';

/** The id of a delivery that is due. */
export interface DueDelivery {
  readonly deliveryId: string;
}
export interface Recovered {
  readonly endpointId: string;
  /** How many are due again. */
  readonly count: number;
}

export interface Deliveries {
  /** Sends a `webhook.test` to an endpoint, whatever that asks for; once. */
  test(actor: Actor, endpointId: string): Promise<Outcome<DueDelivery>>;
  /** Sends a delivery again, now, and then by the schedule from its beginning. One that waits is sent now. */
  redeliver(actor: Actor, deliveryId: string): Promise<Outcome<DueDelivery>>;
  /**
   * Sends again what failed.
   *
   * @param input  checked here: `{ since }`, of events since then
   */
  recover(actor: Actor, endpointId: string, input: unknown): Promise<Outcome<Recovered>>;
}

interface Needs {
  readonly outbox: Outbox;
  readonly events: Pick<Events, 'announce'>;
  readonly clock: Clock;
  readonly newId: NewId;
}

const Recovery = z.object({ since: z.date() });

/** The no to a delivery that is foreign, unknown, or no id at all. */
export const noSuchDelivery = refuse('not_found', 'No such delivery.');
const disabled = refuse('conflict', 'The endpoint is disabled. Enable it first.');

/** Opens the room. */
export function createDeliveries({ outbox, events, clock, newId }: Needs): Deliveries {
  const tell = (workspaceId: string, endpointId: string, deliveryId: string | null) =>
    events.announce({ type: 'delivery.changed', workspaceId, endpointId, deliveryId, isDue: true });
  /** A delivery that was made due, told once that is committed. */
  const told = <T extends DueDelivery & { workspaceId: string; endpointId: string }>(outcome: Outcome<T>) => {
    if (!outcome.ok) return outcome;
    const { workspaceId, endpointId, deliveryId } = outcome.value;
    tell(workspaceId, endpointId, deliveryId);
    return done({ deliveryId });
  };

  return {
    async test(actor, endpointId) {
      const made = await onEndpoint(outbox, { actor, endpointId }, async ({ tx, endpoint }) => {
        if (endpoint.disabledAt !== null) return disabled;
        const { workspaceId } = endpoint;
        const [id, at] = [newId('message'), new Date(clock.now())];
        const payload = testMessage(at, endpoint);
        const type = webhookTestType;
        await tx.webhookDelivery.create({
          data: { id, workspaceId, endpointId, type, payload, createdAt: at, dueAt: at },
        });
        return done({ workspaceId, endpointId, deliveryId: id });
      });
      return told(made);
    },

    async redeliver(actor, deliveryId) {
      if (kindOfId(deliveryId) !== 'message') return noSuchDelivery;
      const made = await outbox.commit(async (tx) => {
        const select = { workspaceId: true, endpointId: true };
        const delivery = await tx.webhookDelivery.findUnique({ where: { id: deliveryId }, select });
        if (delivery === null || !canSee(actor, delivery.workspaceId)) return noSuchDelivery;
        if (!can(actor, 'webhooks:write', delivery.workspaceId)) return refuse('forbidden');
        const { endpointId } = delivery;
        const [endpoint] = await tx.$queryRaw<{ disabled: boolean }[]>`
          select disabled_at is not null as disabled from webhook_endpoint where id = ${endpointId} for no key update`;
        if (endpoint === undefined) return noSuchDelivery;
        if (endpoint.disabled) return disabled;
        await tx.webhookDelivery.updateMany({
          // One that is on its way at this moment goes on.
          where: { id: deliveryId, OR: [{ leasedUntil: null }, { state: { not: 'pending' } }] },
          data: { state: 'pending', dueAt: new Date(clock.now()), failures: 0, leasedUntil: null, attemptId: null },
        });
        return done({ ...delivery, deliveryId });
      });
      return told(made);
    },

    async recover(actor, endpointId, input) {
      const read = readInput(Recovery, input);
      if (!read.ok) return refuseInput(read.errors);
      const { since } = read.value;
      const made = await onEndpoint(outbox, { actor, endpointId }, async ({ tx, endpoint }) => {
        if (endpoint.disabledAt !== null) return disabled;
        await holdClaims(tx);
        const failed = { endpointId, state: 'failed', type: { not: webhookTestType }, createdAt: { gte: since } };
        const data = {
          state: 'pending',
          dueAt: new Date(clock.now()),
          failures: 0,
          leasedUntil: null,
          attemptId: null,
        };
        const { count } = await tx.webhookDelivery.updateMany({ where: failed, data });
        return done({ endpointId, count, workspaceId: endpoint.workspaceId });
      });
      if (!made.ok) return made;
      const { workspaceId, count } = made.value;
      if (count > 0) tell(workspaceId, endpointId, null);
      return done({ endpointId, count });
    },
  };
}
