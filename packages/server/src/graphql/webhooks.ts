/** Webhooks in GraphQL: endpoints, what is sent to them, and each attempt. A secret has no field to leak through. */
import { disabledReasons } from '../webhooks/endpoint.ts';
import { mostAttempts } from '../webhooks/list.ts';
import { faults } from '../webhooks/sender.ts';
import { watchDeliveries } from '../webhooks/watch.ts';
import { attemptSummary } from '../webhooks/words.ts';
import { builder } from './builder.ts';
import { meantVisibleWorkspace, need, signedIn } from './context.ts';
import { visibleWebhooks } from './visible.ts';
import { whileAllowed } from './while-allowed.ts';
import { WorkspaceType } from './workspace.ts';

const inCapitals = (words: readonly string[]) =>
  Object.fromEntries(words.map((value) => [value.toUpperCase(), { value }]));

const DisabledReasonEnum = builder.enumType('WebhookDisabledReason', {
  description:
    'Why an endpoint is told nothing: somebody asked for it, it answered 410 (GONE), or nothing good for 5 days (FAILING).',
  values: inCapitals(disabledReasons),
});
const DeliveryStateEnum = builder.enumType('WebhookDeliveryState', {
  description: 'PENDING is to be sent, once more perhaps; FAILED is tried no more unless it is asked for.',
  values: inCapitals(['pending', 'delivered', 'failed']),
});
const FaultEnum = builder.enumType('WebhookFault', {
  description: 'Why an attempt had no answer.',
  values: inCapitals(faults),
});

builder.prismaObject('WebhookAttempt', {
  description: 'One POST. It is there before it is sent.',
  fields: (t) => ({
    id: t.exposeID('id', { description: 'Its id, `att_…`.' }),
    url: t.exposeString('url', { description: 'Where it was sent: the endpoint may have another URL by now.' }),
    startedAt: t.expose('startedAt', {
      type: 'DateTime',
      description: 'When it began; in whole seconds its `webhook-timestamp`.',
    }),
    finishedAt: t.expose('finishedAt', { type: 'DateTime', nullable: true, description: 'Null while it is made.' }),
    status: t.exposeInt('status', { nullable: true, description: 'Of the answer; null where there is none.' }),
    durationMs: t.exposeInt('durationMs', { nullable: true, description: 'How long it took.' }),
    fault: t.field({
      type: FaultEnum,
      nullable: true,
      description: 'Why there is no answer.',
      select: { fault: true },
      resolve: ({ fault }) => fault,
    }),
    response: t.exposeString('response', { nullable: true, description: 'The first 16 kB of the answer, as text.' }),
    summary: t.string({
      description: 'One line for people: `200 in 84 ms`, or why there is no answer.',
      select: { finishedAt: true, status: true, durationMs: true, fault: true },
      resolve: attemptSummary,
    }),
  }),
});

export const WebhookDeliveryType = builder.prismaNode('WebhookDelivery', {
  description: 'One event on its way to one endpoint. Its id is the `webhook-id` of every attempt.',
  id: { field: 'id' },
  fields: (t) => ({
    type: t.exposeString('type', { description: 'What it tells of, as `key.revoked`.' }),
    eventId: t.exposeID('eventId', { nullable: true, description: 'The entry of the log; null for a test.' }),
    payload: t.exposeString('payload', { description: 'The body as it is sent, to the byte.' }),
    state: t.field({
      type: DeliveryStateEnum,
      description: 'How it stands.',
      select: { state: true },
      resolve: ({ state }) => state,
    }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When it came about.' }),
    nextAttemptAt: t.field({
      type: 'DateTime',
      nullable: true,
      description: 'When it is tried next; null while an attempt is being made, and once it is over.',
      select: { dueAt: true, leasedUntil: true },
      resolve: ({ dueAt, leasedUntil }) => (leasedUntil === null ? dueAt : null),
    }),
    endpoint: t.relation('endpoint', { description: 'Where it goes.' }),
    attempts: t.relation('attempts', {
      extensions: { mostItems: () => mostAttempts },
      description: 'Its attempts, newest first; at most 10, as many as a schedule has.',
      query: { orderBy: { id: 'desc' }, take: mostAttempts },
    }),
  }),
});

export const WebhookEndpointType = builder.prismaNode('WebhookEndpoint', {
  description: 'A URL that is told of events.',
  id: { field: 'id' },
  fields: (t) => ({
    url: t.exposeString('url', { description: 'Where messages go.' }),
    description: t.exposeString('description', { description: 'What people have written about it.' }),
    events: t.exposeStringList('events', { description: 'The types it asks for; of an empty list, all.' }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When it was made.' }),
    disabledAt: t.expose('disabledAt', {
      type: 'DateTime',
      nullable: true,
      description: 'Since when it is told nothing; null = it is told.',
    }),
    disabledReason: t.field({
      type: DisabledReasonEnum,
      nullable: true,
      description: 'Why it is told nothing.',
      select: { disabledReason: true },
      resolve: ({ disabledReason }) => disabledReason,
    }),
    failingSince: t.expose('failingSince', {
      type: 'DateTime',
      nullable: true,
      description: 'Since when every attempt has failed; after 5 days it is disabled.',
    }),
    previousSecretEndsAt: t.field({
      type: 'DateTime',
      nullable: true,
      description: 'Until when the old secret signs beside the new one; null when there is one alone.',
      select: { previousSecretEndsAt: true },
      resolve: ({ previousSecretEndsAt: endsAt }, _args, { clock }) =>
        endsAt !== null && endsAt.getTime() > clock.now() ? endsAt : null,
    }),
    deliveries: t.prismaConnection({
      type: WebhookDeliveryType,
      cursor: 'id',
      description: 'What was sent to it and is to be, newest first, for 30 days. Needs webhooks:read.',
      args: {
        state: t.arg({ type: DeliveryStateEnum, description: 'Only those that stand so.' }),
        type: t.arg.string({ description: 'Only those that tell of this, as `key.revoked`.' }),
      },
      resolve: (query, { id: endpointId, workspaceId }, { state, type }, context) => {
        need(context, 'webhooks:read', workspaceId);
        const where = { endpointId, ...(state && { state }), ...(type && { type }) };
        return context.database.webhookDelivery.findMany({ ...query, where, orderBy: { id: 'desc' } });
      },
    }),
  }),
});

builder.prismaObjectField(WorkspaceType, 'webhookEndpoints', (t) =>
  t.prismaConnection({
    type: WebhookEndpointType,
    cursor: 'id',
    description: 'Its webhook endpoints, newest first; at most 20. Needs webhooks:read.',
    resolve: (query, { id: workspaceId }, _args, context) => {
      need(context, 'webhooks:read', workspaceId);
      return context.database.webhookEndpoint.findMany({ ...query, where: { workspaceId }, orderBy: { id: 'desc' } });
    },
  }),
);

builder.subscriptionField('deliveryChanged', (t) =>
  t.prismaField({
    type: WebhookDeliveryType,
    nullable: true,
    description:
      'Every delivery of the workspace or of one endpoint, when it is made, sent, answered or given up; null for one that is deleted by then.',
    args: {
      workspaceId: t.arg.id({ description: 'The workspace; the viewer’s own or current one when left out.' }),
      endpointId: t.arg.id({ description: 'Only to this endpoint.' }),
    },
    subscribe: async (_root, { workspaceId: named, endpointId }, context) => {
      const workspaceId = meantVisibleWorkspace(context, named);
      need(context, 'webhooks:read', workspaceId);
      const changes = await watchDeliveries(context.events, { workspaceId, endpointId: endpointId ?? undefined });
      return whileAllowed(context, { ability: 'webhooks:read', workspaceId }, changes);
    },
    resolve: (query, id, _args, context) =>
      context.database.webhookDelivery.findUnique({
        ...query,
        where: { id, AND: visibleWebhooks(signedIn(context)) },
      }),
  }),
);
