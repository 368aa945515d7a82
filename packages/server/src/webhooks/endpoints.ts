/**
 * Endpoints: the commands on the URLs that a workspace has told.
 *
 *   door -> command(actor, ...) -> [ row, entry of the outbox ] committed -> DomainEvent -> whoever listens
 *
 * Promises: a secret leaves only in the answer of the command that made it, and lies sealed in the database; what the
 * actor may not see is not found; a URL that webhooks may not go to is refused with one sentence, whatever is behind it.
 * Disabling ends what was still to be tried; what was not sent can be recovered once it is enabled.
 */
import { hash } from 'node:crypto';
import { type Actor, byOf, permitted } from '../accounts/actor.ts';
import { lockWorkspace } from '../accounts/workspaces.ts';
import { difference, type Outbox } from '../events/outbox.ts';
import type { Clock } from '../kernel/clock.ts';
import type { Transaction } from '../kernel/database.ts';
import type { NewId } from '../kernel/id.ts';
import { readInput } from '../kernel/input.ts';
import { done, type Outcome, refuse, refuseInput } from '../kernel/problem.ts';
import type { Sealer } from '../kernel/sealed.ts';
import {
  type ChangedEndpoint,
  deliveriesAtATime,
  endDeliveries,
  endpointFacts,
  holdClaims,
  onEndpoint,
} from './endpoint.ts';
import { EndpointChanges, NewEndpoint } from './endpoint-input.ts';
import type { Sender } from './sender.ts';
import { newWebhookSecret } from './signature.ts';
import { refusedTarget } from './target.ts';

const mostEndpoints = 20;
const rememberedMs = 24 * 3_600_000;
/** How long both secrets sign after a rotation, ms. */
const overlapMs = 24 * 3_600_000;

/** An endpoint that was asked for; its secret unless it had been made before, by the same create. */
export interface CreatedEndpoint extends ChangedEndpoint {
  readonly secret: string | null;
}
export interface RotatedEndpoint extends ChangedEndpoint {
  readonly secret: string;
}

export interface Endpoints {
  /**
   * @param workspaceId  the actor's own or current one when left out
   * @param input        checked here: `{ url, events, description, idempotencyKey }`, where only the URL is needed; no
   *                     events = all of them
   */
  create(actor: Actor, workspaceId: string | null | undefined, input: unknown): Promise<Outcome<CreatedEndpoint>>;
  /** @param input  checked here: `{ url, events, description, enabled }`; what is left out stays */
  update(actor: Actor, endpointId: string, input: unknown): Promise<Outcome<ChangedEndpoint>>;
  /** Gives it a new secret; the old one signs beside it for 24 h more, an older one no longer. */
  rotate(actor: Actor, endpointId: string): Promise<Outcome<RotatedEndpoint>>;
  /** Takes it away, with all its deliveries. */
  delete(actor: Actor, endpointId: string): Promise<Outcome<ChangedEndpoint>>;
}

interface Needs {
  readonly outbox: Outbox;
  readonly sender: Pick<Sender, 'mayReach'>;
  readonly sealer: Sealer;
  readonly clock: Clock;
  readonly newId: NewId;
}

const notReachable = refuseInput([{ path: 'url', message: refusedTarget }]);
const otherInput = refuse('conflict', 'This idempotency key came with another input within the last 24 hours.');
const noRoom = refuse('limit_reached', `A workspace has at most ${mostEndpoints} webhook endpoints.`);

/** Opens the room. */
export function createEndpoints(needs: Needs): Endpoints {
  const { outbox, sealer, clock } = needs;
  return {
    create: (actor, workspaceId, input) => create(needs, actor, workspaceId, input),
    update: (actor, endpointId, input) => update(needs, actor, endpointId, input),
    rotate: (actor, endpointId) =>
      onEndpoint(outbox, { actor, endpointId }, async ({ tx, endpoint: { workspaceId }, by, append }) => {
        const { secret: previousSecret } = await tx.webhookEndpoint.findUniqueOrThrow({ where: { id: endpointId } });
        const secret = newWebhookSecret();
        const previousSecretEndsAt = new Date(clock.now() + overlapMs);
        await tx.webhookEndpoint.update({
          where: { id: endpointId },
          data: { secret: sealer.seal(secret, endpointId), previousSecret, previousSecretEndsAt },
        });
        const event = { type: 'webhook.rotated', workspaceId, endpointId } as const;
        await append({ event, by, after: { previousSecretEndsAt } });
        return done({ endpointId, secret });
      }),
    async delete(actor, endpointId) {
      for (;;) {
        const portion = await deletePortion(needs, actor, endpointId);
        if (!portion.ok || portion.value.isGone) return portion;
      }
    },
  };
}

/**
 * Takes away a portion of the deliveries of an endpoint; with the last of them the endpoint, which most have at once.
 *
 * One that has more is told nothing from the first portion on: it is disabled, and the log says so. Should the next one
 * never come, that is what is there, and it can be deleted again.
 */
function deletePortion(
  { outbox, clock }: Needs,
  actor: Actor,
  endpointId: string,
): Promise<Outcome<ChangedEndpoint & { readonly isGone: boolean }>> {
  return onEndpoint(outbox, { actor, endpointId }, async ({ tx, endpoint, by, append }) => {
    await holdClaims(tx);
    const gone = await tx.$executeRaw`
      delete from webhook_delivery where id = any (array(
        select id from webhook_delivery where endpoint_id = ${endpointId} limit ${deliveriesAtATime}))`;
    const isGone = gone < deliveriesAtATime;
    const { workspaceId, disabledAt } = endpoint;
    if (isGone) {
      await tx.webhookEndpoint.delete({ where: { id: endpointId } });
      const event = { type: 'webhook.deleted', workspaceId, endpointId } as const;
      await append({ event, by, before: endpointFacts(endpoint) });
    } else if (disabledAt === null) {
      const now = new Date(clock.now());
      const data = { disabledAt: now, disabledReason: 'asked' };
      await tx.webhookEndpoint.update({ where: { id: endpointId }, data });
      const event = { type: 'webhook.disabled', workspaceId, endpointId } as const;
      await append({ event, by, before: { disabledAt }, after: { disabledAt: now } });
    }
    return done({ endpointId, isGone });
  });
}

async function create(
  { outbox, sender, sealer, clock, newId }: Needs,
  actor: Actor,
  named: string | null | undefined,
  input: unknown,
): Promise<Outcome<CreatedEndpoint>> {
  const allowed = permitted(actor, 'webhooks:write', named);
  if (!allowed.ok) return allowed;
  const workspaceId = allowed.value;
  const read = readInput(NewEndpoint, input);
  if (!read.ok) return refuseInput(read.errors);
  const { idempotencyKey = null, ...values } = read.value;
  if (!(await sender.mayReach(values.url))) return notReachable;

  const [by, now] = [byOf(actor), clock.now()];
  const memory = {
    createdById: by.id ?? '',
    idempotencyKey,
    inputHash: Buffer.from(hash('sha256', JSON.stringify(values), 'hex'), 'hex'),
  };
  const [endpointId, secret] = [newId('webhookEndpoint'), newWebhookSecret()];
  return outbox.commit(async (tx, append) => {
    // Creates of one workspace go one by one, so that a replay finds what it replays, and the count is true.
    if ((await lockWorkspace(tx, workspaceId)) === undefined) return refuse('not_found');
    const replay = await replayOf(tx, { workspaceId, ...memory, now });
    if (replay !== undefined) return replay;
    if ((await tx.webhookEndpoint.count({ where: { workspaceId } })) >= mostEndpoints) return noRoom;
    const sealed = sealer.seal(secret, endpointId);
    const data = { ...values, ...memory, id: endpointId, workspaceId, secret: sealed, createdAt: new Date(now) };
    await tx.webhookEndpoint.create({ data });
    const after = endpointFacts({ ...values, disabledAt: null });
    await append({ event: { type: 'webhook.created', workspaceId, endpointId }, by, after });
    return done({ endpointId, secret });
  });
}

interface Said {
  readonly workspaceId: string;
  readonly createdById: string;
  readonly idempotencyKey: string | null;
  readonly inputHash: Buffer;
  readonly now: number;
}

/** What an earlier create with the same idempotency key made; undefined when there was none. */
async function replayOf(tx: Transaction, said: Said): Promise<Outcome<CreatedEndpoint> | undefined> {
  const { workspaceId, createdById, idempotencyKey, inputHash, now } = said;
  if (idempotencyKey === null) return undefined;
  const made = await tx.webhookEndpoint.findFirst({
    where: { workspaceId, createdById, idempotencyKey, createdAt: { gt: new Date(now - rememberedMs) } },
    select: { id: true, inputHash: true },
  });
  if (made === null) return undefined;
  return inputHash.equals(made.inputHash ?? Buffer.of()) ? done({ endpointId: made.id, secret: null }) : otherInput;
}

async function update(
  needs: Needs,
  actor: Actor,
  endpointId: string,
  input: unknown,
): Promise<Outcome<ChangedEndpoint>> {
  const { outbox, sender, clock } = needs;
  const read = readInput(EndpointChanges, input);
  if (!read.ok) return refuseInput(read.errors);
  const { enabled, ...changes } = read.value;
  if (changes.url !== undefined && !(await sender.mayReach(changes.url))) return notReachable;
  if (enabled) {
    const ended = await endRest(outbox, actor, endpointId);
    if (!ended.ok) return ended;
  }
  const updated = await onEndpoint(outbox, { actor, endpointId }, async ({ tx, endpoint, by, append }) => {
    const switched = enabled !== undefined && enabled === (endpoint.disabledAt !== null);
    const disabledAt = switched ? (enabled ? null : new Date(clock.now())) : endpoint.disabledAt;
    const { url = endpoint.url, events = [...endpoint.events], description = endpoint.description } = changes;
    const values = { url, events, description, disabledAt };
    const facts = difference(endpointFacts(endpoint), endpointFacts(values));
    if (Object.keys(facts.after).length === 0) return done({ endpointId, isLeft: false });
    // One that is enabled begins anew: what failed before counts no more.
    const begun = { disabledReason: null, failingSince: null };
    const data = { ...values, ...(switched ? (enabled ? begun : { disabledReason: 'asked' }) : {}) };
    const ended = switched ? await endDeliveries(tx, endpointId) : 0;
    // It was disabled meanwhile, with more to be ended than at a time.
    if (enabled && ended === deliveriesAtATime) return done({ endpointId, isLeft: true });
    await tx.webhookEndpoint.update({ where: { id: endpointId }, data });
    const type = switched ? (enabled ? 'webhook.enabled' : 'webhook.disabled') : 'webhook.updated';
    await append({ event: { type, workspaceId: endpoint.workspaceId, endpointId }, by, ...facts });
    return done({ endpointId, isLeft: false });
  });
  return updated.ok && updated.value.isLeft ? update(needs, actor, endpointId, input) : updated;
}

/** Ends what was still to be sent to a disabled endpoint: once it is enabled, it would be. */
async function endRest(outbox: Outbox, actor: Actor, endpointId: string): Promise<Outcome<number>> {
  for (;;) {
    const portion = await onEndpoint(outbox, { actor, endpointId }, async ({ tx, endpoint }) =>
      done(endpoint.disabledAt === null ? 0 : await endDeliveries(tx, endpointId)),
    );
    if (!portion.ok || portion.value < deliveriesAtATime) return portion;
  }
}
