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
import { deliveriesAtATime, holdClaims, onEndpoint } from './endpoint.ts';
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
      const now = new Date(clock.now());
      let count = 0;
      for (let after: string | null = ''; after !== null; ) {
        const of = { endpointId, since: read.value.since, after, now };
        const portion: Outcome<RecoveredPortion> = await recoverPortion(outbox, actor, of);
        // What the portions before made due is sent, or was ended with the endpoint.
        if (!portion.ok) return portion;
        const { workspaceId, next } = portion.value;
        count += portion.value.count;
        after = next;
        if (portion.value.count > 0) tell(workspaceId, endpointId, null);
      }
      return done({ endpointId, count });
    },
  };
}

interface RecoveredPortion {
  readonly workspaceId: string;
  readonly count: number;
  /** The id that the next portion begins behind; null when this was the last. */
  readonly next: string | null;
}

/** Makes due what failed, in the order of its ids, so that no portion looks again at what those before it passed. */
function recoverPortion(
  outbox: Outbox,
  actor: Actor,
  of: { readonly endpointId: string; readonly since: Date; readonly after: string; readonly now: Date },
): Promise<Outcome<RecoveredPortion>> {
  const { endpointId, since, after, now } = of;
  return onEndpoint(outbox, { actor, endpointId }, async ({ tx, endpoint: { disabledAt, workspaceId } }) => {
    if (disabledAt !== null) return disabled;
    await holdClaims(tx);
    const [{ count, last } = { count: 0, last: null }] = await tx.$queryRaw<{ count: number; last: string | null }[]>`
      with recovered as (
        update webhook_delivery set state = 'pending', due_at = ${now}, failures = 0, leased_until = null,
          attempt_id = null
        where id = any (array(
          select id from webhook_delivery
          where endpoint_id = ${endpointId} and id > ${after} and state = 'failed' and type <> ${webhookTestType}
            and created_at >= ${since}
          order by id limit ${deliveriesAtATime}))
        returning id
      )
      select count(*)::int as count, max(id) as last from recovered`;
    return done({ workspaceId, count, next: count < deliveriesAtATime ? null : last });
  });
}
