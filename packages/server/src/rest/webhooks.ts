/** Webhooks over REST: each operation calls one command and answers with the thing as it is then. */
import type { KeyActor } from '../accounts/actor.ts';
import { done, type Outcome } from '../kernel/problem.ts';
import type { Deliveries, DueDelivery } from '../webhooks/deliveries.ts';
import type { Endpoints } from '../webhooks/endpoints.ts';
import type { WebhookList } from '../webhooks/list.ts';
import { type AddOperation, type Answer, nothing } from './operation.ts';
import { deliveryAnswer, endpointAnswer, listedAnswer, pageAnswer } from './webhook-answers.ts';
import * as examples from './webhook-examples.ts';
import * as schemas from './webhook-schemas.ts';

interface Needs {
  readonly endpoints: Endpoints;
  readonly deliveries: Deliveries;
  readonly webhookList: WebhookList;
}

const reads = { tag: 'webhooks', scope: 'webhooks:read', body: nothing } as const;
const writes = { tag: 'webhooks', scope: 'webhooks:write', query: nothing, problems: ['forbidden'] } as const;
const commands = { ...writes, method: 'POST', body: nothing } as const;
const conflicts = { problems: ['forbidden', 'conflict'] } as const;
const secretHeaders = { 'cache-control': 'no-store' };
const theEndpoint = {
  200: { description: 'The endpoint as it is now.', schema: schemas.WebhookEndpoint, example: examples.endpoint },
};
const theDelivery = {
  200: { description: 'The delivery as it is now.', schema: schemas.WebhookDelivery, example: examples.delivery },
};

/** Adds the operations on webhooks. */
export function addWebhooks(add: AddOperation, needs: Needs): void {
  addEndpoints(add, needs);
  addCreate(add, needs);
  addRotate(add, needs);
  addDeliveries(add, needs);
}

function addEndpoints(add: AddOperation, { endpoints, webhookList }: Needs): void {
  const shown = async (actor: KeyActor, id: string): Promise<Outcome<Answer>> => {
    const found = await webhookList.endpoint(actor, id);
    return found.ok ? done({ status: 200, body: endpointAnswer(found.value) }) : found;
  };
  add({
    ...reads,
    method: 'GET',
    path: '/webhooks',
    id: 'webhookEndpoints',
    summary: 'List webhook endpoints',
    query: schemas.ListEndpoints,
    answers: {
      200: { description: 'A page of endpoints.', schema: schemas.WebhookEndpointPage, example: examples.endpointPage },
    },
    async handle({ actor, query: { limit, cursor: after } }) {
      const page = await webhookList.endpoints(actor, { limit, after });
      return page.ok ? done({ status: 200, body: pageAnswer(page.value, endpointAnswer) }) : page;
    },
  });
  add({
    ...reads,
    method: 'GET',
    path: '/webhooks/:id',
    id: 'webhookEndpoint',
    summary: 'Read a webhook endpoint',
    query: nothing,
    answers: theEndpoint,
    handle: ({ actor, id }) => shown(actor, id),
  });
  add({
    ...writes,
    method: 'PATCH',
    path: '/webhooks/:id',
    id: 'updateWebhookEndpoint',
    summary: 'Change a webhook endpoint',
    description: 'What is left out stays.',
    body: schemas.UpdateWebhookEndpoint,
    bodyExample: examples.endpointChanges,
    answers: theEndpoint,
    async handle({ actor, id, body }) {
      const changed = await endpoints.update(actor, id, body);
      return changed.ok ? shown(actor, id) : changed;
    },
  });
  add({
    ...writes,
    method: 'DELETE',
    path: '/webhooks/:id',
    id: 'deleteWebhookEndpoint',
    summary: 'Delete a webhook endpoint',
    description: 'With all that was sent to it.',
    body: nothing,
    answers: { 204: { description: 'It is gone.' } },
    async handle({ actor, id }) {
      const deleted = await endpoints.delete(actor, id);
      return deleted.ok ? done({ status: 204 }) : deleted;
    },
  });
}

function addCreate(add: AddOperation, { endpoints, webhookList }: Needs): void {
  add({
    ...writes,
    method: 'POST',
    path: '/webhooks',
    id: 'createWebhookEndpoint',
    summary: 'Create a webhook endpoint',
    description:
      'The secret is in the answer, this once. With an `Idempotency-Key` the same create within 24 hours answers 200 with ' +
      'the same endpoint, without its secret, and `Idempotent-Replayed: true`; another create with it is a conflict.',
    body: schemas.CreateWebhookEndpoint,
    bodyExample: examples.newEndpoint,
    takesIdempotencyKey: true,
    problems: ['forbidden', 'conflict', 'limit_reached'],
    answers: {
      201: {
        description: 'The new endpoint, with its secret.',
        schema: schemas.IssuedWebhookEndpoint,
        example: examples.issuedEndpoint,
        headers: ['Location'],
      },
      200: {
        description: 'The endpoint that the same create has made before.',
        schema: schemas.WebhookEndpoint,
        example: examples.endpoint,
        headers: ['Idempotent-Replayed'],
      },
    },
    async handle({ actor, idempotencyKey, body }) {
      const created = await endpoints.create(actor, undefined, { ...body, idempotencyKey });
      if (!created.ok) return created;
      const { endpointId, secret } = created.value;
      const found = await webhookList.endpoint(actor, endpointId);
      if (!found.ok) return found;
      const answer = endpointAnswer(found.value);
      if (secret === null) return done({ status: 200, body: answer, headers: { 'idempotent-replayed': 'true' } });
      const headers = { ...secretHeaders, location: `/api/v1/webhooks/${endpointId}` };
      return done({ status: 201, body: { ...answer, secret }, headers });
    },
  });
}

function addRotate(add: AddOperation, { endpoints, webhookList }: Needs): void {
  add({
    ...commands,
    path: '/webhooks/:id/rotate',
    id: 'rotateWebhookSecret',
    summary: 'Rotate the secret of a webhook endpoint',
    description: 'The new one is in the answer, this once. The old one signs beside it for 24 hours.',
    answers: {
      200: {
        description: 'The endpoint, with its new secret.',
        schema: schemas.IssuedWebhookEndpoint,
        example: examples.issuedEndpoint,
      },
    },
    async handle({ actor, id }) {
      const rotated = await endpoints.rotate(actor, id);
      if (!rotated.ok) return rotated;
      const found = await webhookList.endpoint(actor, id);
      if (!found.ok) return found;
      const body = { ...endpointAnswer(found.value), secret: rotated.value.secret };
      return done({ status: 200, body, headers: secretHeaders });
    },
  });
}

function addDeliveries(add: AddOperation, { deliveries, webhookList }: Needs): void {
  const shown = async (actor: KeyActor, due: Outcome<DueDelivery>): Promise<Outcome<Answer>> => {
    if (!due.ok) return due;
    const found = await webhookList.delivery(actor, due.value.deliveryId);
    return found.ok ? done({ status: 200, body: deliveryAnswer(found.value) }) : found;
  };
  add({
    ...commands,
    ...conflicts,
    path: '/webhooks/:id/test',
    id: 'sendTestWebhook',
    summary: 'Send a test to a webhook endpoint',
    description: 'A `webhook.test`, once. Read the delivery again to see how it went.',
    answers: theDelivery,
    handle: async ({ actor, id }) => shown(actor, await deliveries.test(actor, id)),
  });
  add({
    ...commands,
    ...conflicts,
    path: '/webhooks/:id/recover',
    id: 'recoverWebhooks',
    summary: 'Send again what failed to reach a webhook endpoint',
    description: 'Tests are left out.',
    body: schemas.RecoverWebhooks,
    bodyExample: examples.recovery,
    answers: { 200: { description: 'How many.', schema: schemas.Recovered, example: examples.recovered } },
    async handle({ actor, id, body }) {
      const recovered = await deliveries.recover(actor, id, body);
      return recovered.ok ? done({ status: 200, body: { count: recovered.value.count } }) : recovered;
    },
  });
  add({
    ...reads,
    method: 'GET',
    path: '/webhooks/:id/deliveries',
    id: 'webhookDeliveries',
    summary: 'List what was sent to a webhook endpoint',
    description: 'And is to be, newest first, for 30 days.',
    query: schemas.ListDeliveries,
    answers: {
      200: {
        description: 'A page of deliveries.',
        schema: schemas.WebhookDeliveryPage,
        example: examples.deliveryPage,
      },
    },
    async handle({ actor, id, query: { limit, cursor: after, state } }) {
      const page = await webhookList.deliveries(actor, id, { limit, after, states: state && [state] });
      return page.ok ? done({ status: 200, body: pageAnswer(page.value, listedAnswer) }) : page;
    },
  });
  add({
    ...reads,
    method: 'GET',
    path: '/deliveries/:id',
    id: 'webhookDelivery',
    summary: 'Read a delivery',
    description: 'With what was sent, and what was answered.',
    query: nothing,
    answers: theDelivery,
    handle: ({ actor, id }) => shown(actor, done({ deliveryId: id })),
  });
  add({
    ...commands,
    ...conflicts,
    path: '/deliveries/:id/redeliver',
    id: 'redeliverWebhook',
    summary: 'Send a delivery again',
    description: 'With the same `webhook-id`: now, and if need be by the schedule from its beginning.',
    answers: theDelivery,
    handle: async ({ actor, id }) => shown(actor, await deliveries.redeliver(actor, id)),
  });
}
