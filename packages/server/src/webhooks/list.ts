/**
 * List: endpoints and deliveries as they are shown to programs, newest first, a page at a time.
 *
 * Promises: whoever walks a list meets everything that was there at the start once; foreign and unknown ids are the same
 * no. A secret is in nothing that is shown.
 */
import { kindOfId } from '@gatekey/shared';
import type { Prisma } from '../../gen/prisma/client.ts';
import { type Actor, can, permitted } from '../accounts/actor.ts';
import type { Clock } from '../kernel/clock.ts';
import type { Database } from '../kernel/database.ts';
import { done, type Outcome, refuse } from '../kernel/problem.ts';
import { noSuchDelivery } from './deliveries.ts';
import { noSuchEndpoint } from './endpoint.ts';

/** How many attempts of a delivery are shown: as many as a schedule has. */
export const mostAttempts = 10;

export const deliveryStates = ['pending', 'delivered', 'failed'] as const;
export type DeliveryState = (typeof deliveryStates)[number];

const endpointColumns = {
  id: true,
  workspaceId: true,
  url: true,
  description: true,
  events: true,
  createdAt: true,
  disabledAt: true,
  disabledReason: true,
  failingSince: true,
  previousSecretEndsAt: true,
} satisfies Prisma.WebhookEndpointSelect;
export type ShownEndpoint = Prisma.WebhookEndpointGetPayload<{ select: typeof endpointColumns }>;

const deliveryColumns = {
  id: true,
  workspaceId: true,
  endpointId: true,
  eventId: true,
  type: true,
  payload: true,
  state: true,
  createdAt: true,
  dueAt: true,
  leasedUntil: true,
  attempts: { orderBy: { id: 'desc' }, take: mostAttempts, omit: { deliveryId: true } },
} satisfies Prisma.WebhookDeliverySelect;
export type ShownDelivery = Prisma.WebhookDeliveryGetPayload<{ select: typeof deliveryColumns }>;

export interface ListQuery {
  readonly limit: number;
  /** The id that the page goes on behind; that need not be there. */
  readonly after?: string | undefined;
}
export interface Page<T> {
  readonly rows: readonly T[];
  /** The id that the list goes on behind; undefined at its end. */
  readonly next: string | undefined;
}

export interface WebhookList {
  /** Those of the actor's own or current workspace. */
  endpoints(actor: Actor, query: ListQuery): Promise<Outcome<Page<ShownEndpoint>>>;
  /** For whoever may read endpoints or change them. */
  endpoint(actor: Actor, id: string): Promise<Outcome<ShownEndpoint>>;
  deliveries(
    actor: Actor,
    endpointId: string,
    query: ListQuery & { readonly states?: readonly DeliveryState[] | undefined },
  ): Promise<Outcome<Page<ShownDelivery>>>;
  /** For whoever may read deliveries or send them again. */
  delivery(actor: Actor, id: string): Promise<Outcome<ShownDelivery>>;
}

/** Opens the list. */
export function createWebhookList({ database, clock }: { database: Database; clock: Clock }): WebhookList {
  /** The old secret no longer counts once it has ended. */
  const asOfNow = (endpoint: ShownEndpoint): ShownEndpoint => {
    const endsAt = endpoint.previousSecretEndsAt;
    return endsAt !== null && endsAt.getTime() <= clock.now() ? { ...endpoint, previousSecretEndsAt: null } : endpoint;
  };
  const endpoint = async (actor: Actor, id: string): Promise<Outcome<ShownEndpoint>> => {
    const isId = kindOfId(id) === 'webhookEndpoint';
    const where = { id, ...seenBy(actor) };
    const row = isId ? await database.webhookEndpoint.findFirst({ where, select: endpointColumns }) : null;
    if (row === null) return noSuchEndpoint;
    return mayLook(actor, row.workspaceId) ? done(asOfNow(row)) : refuse('forbidden');
  };

  return {
    async endpoints(actor, query) {
      const allowed = permitted(actor, 'webhooks:read', undefined);
      if (!allowed.ok) return allowed;
      const where = { workspaceId: allowed.value, ...behind(query) };
      const rows = await database.webhookEndpoint.findMany({ ...pageOf(query), where, select: endpointColumns });
      return done(cut(rows.map(asOfNow), query));
    },
    endpoint,
    async deliveries(actor, endpointId, { states, ...query }) {
      const found = await endpoint(actor, endpointId);
      if (!found.ok) return found;
      const where = { endpointId, ...(states === undefined ? {} : { state: { in: [...states] } }), ...behind(query) };
      return done(
        cut(await database.webhookDelivery.findMany({ ...pageOf(query), where, select: deliveryColumns }), query),
      );
    },
    async delivery(actor, id) {
      const isId = kindOfId(id) === 'message';
      // Asked with the condition, so that a foreign one takes as many statements as none.
      const where = { id, ...seenBy(actor) };
      const row = isId ? await database.webhookDelivery.findFirst({ where, select: deliveryColumns }) : null;
      if (row === null) return noSuchDelivery;
      return mayLook(actor, row.workspaceId) ? done(row) : refuse('forbidden');
    },
  };
}

/** What belongs to workspaces that the actor knows of. */
function seenBy(actor: Actor): { readonly workspaceId?: { in: string[] } } {
  if (actor.kind === 'key') return { workspaceId: { in: [actor.workspaceId] } };
  return actor.isOperator ? {} : { workspaceId: { in: [...actor.roles.keys()] } };
}

function mayLook(actor: Actor, workspaceId: string): boolean {
  return can(actor, 'webhooks:read', workspaceId) || can(actor, 'webhooks:write', workspaceId);
}

const pageOf = ({ limit }: ListQuery) => ({ orderBy: { id: 'desc' }, take: limit + 1 }) as const;
const behind = ({ after }: ListQuery) => (after === undefined ? {} : { id: { lt: after } });

function cut<T extends { readonly id: string }>(rows: readonly T[], { limit }: ListQuery): Page<T> {
  const shown = rows.slice(0, limit);
  return { rows: shown, next: rows.length > limit ? shown.at(-1)?.id : undefined };
}
