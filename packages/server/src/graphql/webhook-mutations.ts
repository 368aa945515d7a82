/** The commands on webhooks in GraphQL: each calls one command and returns. */
import type { DueDelivery, Recovered } from '../webhooks/deliveries.ts';
import type { ChangedEndpoint } from '../webhooks/endpoint.ts';
import type { CreatedEndpoint, RotatedEndpoint } from '../webhooks/endpoints.ts';
import { builder } from './builder.ts';
import { signedIn } from './context.ts';
import {
  answer,
  ConflictError,
  ForbiddenError,
  InvalidInputError,
  LimitReachedError,
  NotFoundError,
  resultType,
} from './problems.ts';
import { WebhookDeliveryType, WebhookEndpointType } from './webhooks.ts';

/** A payload with the endpoint as it is now. */
function endpointPayload<T extends ChangedEndpoint>(name: string, description: string) {
  const payload = builder.objectRef<T>(name).implement({ description });
  builder.objectField(payload, 'endpoint', (t) =>
    t.prismaField({
      type: WebhookEndpointType,
      description: 'The endpoint as it is now.',
      resolve: (query, { endpointId }, _args, { database }) =>
        database.webhookEndpoint.findUniqueOrThrow({ ...query, where: { id: endpointId } }),
    }),
  );
  return payload;
}

const EndpointPayload = endpointPayload<ChangedEndpoint>('WebhookEndpointPayload', 'An endpoint that was changed.');
const CreatePayload = endpointPayload<CreatedEndpoint>(
  'CreateWebhookEndpointPayload',
  'A new endpoint, and its secret.',
);
builder.objectField(CreatePayload, 'secret', (t) =>
  t.exposeString('secret', {
    nullable: true,
    description: 'What messages are signed with, `whsec_…`. Told this once; null when an earlier create made it.',
  }),
);
const RotatePayload = endpointPayload<RotatedEndpoint>('RotateWebhookSecretPayload', 'An endpoint with a new secret.');
builder.objectField(RotatePayload, 'secret', (t) =>
  t.exposeString('secret', { description: 'The new one. Nobody can read it again.' }),
);
const DeletePayload = builder.objectRef<ChangedEndpoint>('DeleteWebhookEndpointPayload').implement({
  description: 'An endpoint that is gone.',
  fields: (t) => ({ deletedId: t.exposeID('endpointId', { description: 'What its id was.' }) }),
});
const DeliveryPayload = builder.objectRef<DueDelivery>('WebhookDeliveryPayload').implement({
  description: 'A delivery that is on its way.',
  fields: (t) => ({
    delivery: t.prismaField({
      type: WebhookDeliveryType,
      description: 'The delivery as it is now.',
      resolve: (query, { deliveryId }, _args, { database }) =>
        database.webhookDelivery.findUniqueOrThrow({ ...query, where: { id: deliveryId } }),
    }),
  }),
});
const RecoverPayload = endpointPayload<Recovered>('RecoverWebhooksPayload', 'What is on its way again.');
builder.objectField(RecoverPayload, 'count', (t) => t.exposeInt('count', { description: 'How many deliveries.' }));

const common = [NotFoundError, ForbiddenError];
const CreateResult = builder.unionType('CreateWebhookEndpointResult', {
  description: 'The new endpoint, or why there is none.',
  types: [CreatePayload, InvalidInputError, ConflictError, LimitReachedError, ...common],
  resolveType: resultType('CreateWebhookEndpointPayload'),
});
const EndpointResult = builder.unionType('WebhookEndpointResult', {
  description: 'The endpoint as it is now, or why it did not change.',
  types: [EndpointPayload, InvalidInputError, ...common],
  resolveType: resultType('WebhookEndpointPayload'),
});
const RotateResult = builder.unionType('RotateWebhookSecretResult', {
  description: 'The endpoint with its new secret, or why it kept the old one.',
  types: [RotatePayload, ...common],
  resolveType: resultType('RotateWebhookSecretPayload'),
});
const DeleteResult = builder.unionType('DeleteWebhookEndpointResult', {
  description: 'What was deleted, or why nothing was.',
  types: [DeletePayload, ...common],
  resolveType: resultType('DeleteWebhookEndpointPayload'),
});
const DeliveryResult = builder.unionType('WebhookDeliveryResult', {
  description: 'The delivery that is on its way, or why there is none.',
  types: [DeliveryPayload, ConflictError, ...common],
  resolveType: resultType('WebhookDeliveryPayload'),
});
const RecoverResult = builder.unionType('RecoverWebhooksResult', {
  description: 'What is on its way again, or why nothing is.',
  types: [RecoverPayload, InvalidInputError, ConflictError, ...common],
  resolveType: resultType('RecoverWebhooksPayload'),
});

const told = {
  url: 'http or https, at a public address, without a user in it.',
  events: 'The types it asks for; all when empty or left out.',
  description: 'At most 200 characters.',
};
const CreateInput = builder.inputType('CreateWebhookEndpointInput', {
  description: 'What a new endpoint is given.',
  fields: (t) => ({
    workspaceId: t.id({ description: 'Whose it is; the key’s own or the session’s current workspace when left out.' }),
    url: t.string({ required: true, description: told.url }),
    events: t.stringList({ description: told.events }),
    description: t.string({ description: told.description }),
    idempotencyKey: t.string({
      description: '1 to 255 visible ASCII characters. Within 24 hours the same create gives the same endpoint.',
    }),
  }),
});
const UpdateInput = builder.inputType('UpdateWebhookEndpointInput', {
  description: 'What changes; what is left out stays.',
  fields: (t) => ({
    id: t.id({ required: true, description: 'The endpoint.' }),
    url: t.string({ description: told.url }),
    events: t.stringList({ description: told.events }),
    description: t.string({ description: told.description }),
    enabled: t.boolean({ description: 'Whether it is told. Disabling ends what was still to be sent.' }),
  }),
});
const RecoverInput = builder.inputType('RecoverWebhooksInput', {
  description: 'Which failed deliveries are sent again.',
  fields: (t) => ({
    id: t.id({ required: true, description: 'The endpoint.' }),
    since: t.field({ type: 'DateTime', required: true, description: 'Of events since then.' }),
  }),
});

builder.mutationField('createWebhookEndpoint', (t) =>
  t.field({
    type: CreateResult,
    description: 'Makes an endpoint. The secret is in the answer, this once.',
    args: { input: t.arg({ type: CreateInput, required: true, description: 'What it is given.' }) },
    resolve: async (_root, { input: { workspaceId, ...input } }, context) =>
      answer(await context.endpoints.create(signedIn(context), workspaceId, input)),
  }),
);
builder.mutationField('updateWebhookEndpoint', (t) =>
  t.field({
    type: EndpointResult,
    description: 'Changes an endpoint, or enables or disables it.',
    args: { input: t.arg({ type: UpdateInput, required: true, description: 'What changes.' }) },
    resolve: async (_root, { input: { id, ...changes } }, context) =>
      answer(await context.endpoints.update(signedIn(context), id, changes)),
  }),
);
builder.mutationField('deleteWebhookEndpoint', (t) =>
  t.field({
    type: DeleteResult,
    description: 'Takes an endpoint away, with all that was sent to it.',
    args: { id: t.arg.id({ required: true, description: 'The endpoint.' }) },
    resolve: async (_root, { id }, context) => answer(await context.endpoints.delete(signedIn(context), id)),
  }),
);
builder.mutationField('rotateWebhookSecret', (t) =>
  t.field({
    type: RotateResult,
    description: 'Gives an endpoint a new secret, told this once. The old one signs beside it for 24 hours.',
    args: { id: t.arg.id({ required: true, description: 'The endpoint.' }) },
    resolve: async (_root, { id }, context) => answer(await context.endpoints.rotate(signedIn(context), id)),
  }),
);
builder.mutationField('sendTestWebhook', (t) =>
  t.field({
    type: DeliveryResult,
    description: 'Sends a `webhook.test`, once. `deliveryChanged` tells how it goes.',
    args: { id: t.arg.id({ required: true, description: 'The endpoint.' }) },
    resolve: async (_root, { id }, context) => answer(await context.deliveries.test(signedIn(context), id)),
  }),
);
builder.mutationField('redeliverWebhook', (t) =>
  t.field({
    type: DeliveryResult,
    description: 'Sends a delivery again, with the same `webhook-id`: now, and if need be by the schedule.',
    args: { id: t.arg.id({ required: true, description: 'The delivery.' }) },
    resolve: async (_root, { id }, context) => answer(await context.deliveries.redeliver(signedIn(context), id)),
  }),
);
builder.mutationField('recoverWebhooks', (t) =>
  t.field({
    type: RecoverResult,
    description: 'Sends again what failed to reach an endpoint; tests are left out.',
    args: { input: t.arg({ type: RecoverInput, required: true, description: 'Which.' }) },
    resolve: async (_root, { input: { id, since } }, context) =>
      answer(await context.deliveries.recover(signedIn(context), id, { since })),
  }),
);
