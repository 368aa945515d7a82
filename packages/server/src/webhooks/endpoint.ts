/** Endpoint: what all commands on an endpoint have in common. */
import { kindOfId } from '@gatekey/shared';
import { type Ability, type Actor, byOf, can, canSee } from '../accounts/actor.ts';
import type { Append, Facts, Outbox } from '../events/outbox.ts';
import type { Transaction } from '../kernel/database.ts';
import { type Outcome, refuse } from '../kernel/problem.ts';

/** Why an endpoint is told nothing: somebody wished it, it answered 410, or it answered nothing good for days. */
export const disabledReasons = ['asked', 'gone', 'failing'] as const;
export type DisabledReason = (typeof disabledReasons)[number];

/** The id of the endpoint that a command changed. */
export interface ChangedEndpoint {
  readonly endpointId: string;
}

/** What a command looks at before it changes an endpoint. */
export interface EndpointState {
  readonly id: string;
  readonly workspaceId: string;
  readonly url: string;
  readonly description: string;
  readonly events: readonly string[];
  readonly disabledAt: Date | null;
}

/** The no to an endpoint that is foreign, unknown, or no id at all. */
export const noSuchEndpoint = refuse('not_found', 'No such webhook endpoint.');

const stateColumns = { id: true, workspaceId: true, url: true, description: true, events: true, disabledAt: true };

interface Scene {
  readonly tx: Transaction;
  readonly endpoint: EndpointState;
  readonly by: ReturnType<typeof byOf>;
  readonly append: Append;
}

/**
 * One command on one endpoint, in one transaction; others that change the same one wait for it. What the actor may not
 * see is not found.
 */
export function onEndpoint<T>(
  outbox: Outbox,
  { actor, endpointId, ability = 'webhooks:write' }: { actor: Actor; endpointId: string; ability?: Ability },
  work: (scene: Scene) => Promise<Outcome<T>>,
): Promise<Outcome<T>> {
  // What is no id might not even be text that the database takes.
  if (kindOfId(endpointId) !== 'webhookEndpoint') return Promise.resolve(noSuchEndpoint);
  return outbox.commit(async (tx, append) => {
    // Not `for update`: changes that are told to it go on.
    await tx.$queryRaw`select 1 from webhook_endpoint where id = ${endpointId} for no key update`;
    const endpoint = await tx.webhookEndpoint.findUnique({ where: { id: endpointId }, select: stateColumns });
    if (endpoint === null || !canSee(actor, endpoint.workspaceId)) return noSuchEndpoint;
    if (!can(actor, ability, endpoint.workspaceId)) return refuse('forbidden');
    return work({ tx, endpoint, by: byOf(actor), append });
  });
}

/** What is told of an endpoint in the entries of its changes. */
export function endpointFacts({
  url,
  description,
  events,
  disabledAt,
}: Omit<EndpointState, 'id' | 'workspaceId'>): Facts {
  return { url, description, events, disabledAt };
}

/** Names the lock of `holdClaims`: "claims" in ASCII. */
const claimLock = 109342190988659n;

/**
 * Lets nobody else claim deliveries until the transaction is over. Whoever changes many at a time does so, or two would
 * wait for each other; and claims that count what is on its way count it truly.
 */
export async function holdClaims(tx: Transaction): Promise<void> {
  await tx.$queryRaw`select 1 from pg_advisory_xact_lock(${claimLock}::bigint)`;
}

/**
 * Deliveries in one statement: an endpoint may have hundreds of thousands, and no statement may take long. Measured on a busy
 * machine: 0.03 s to delete a portion, 0.3 s to end it, 0.6 s to recover it.
 */
export const deliveriesAtATime = 2_000;

/**
 * Ends a portion of what was still to be sent to a disabled endpoint. What is on its way at this moment arrives all the
 * same. What is left is not claimed while it is disabled; servers end it in the background, and enabling it does before.
 *
 * @returns how many; fewer than `deliveriesAtATime` when that was all
 */
export async function endDeliveries(tx: Transaction, endpointId: string): Promise<number> {
  await holdClaims(tx);
  return tx.$executeRaw`
    update webhook_delivery set state = 'failed', due_at = null where id = any (array(
      select id from webhook_delivery where endpoint_id = ${endpointId} and due_at is not null
      limit ${deliveriesAtATime}))`;
}
