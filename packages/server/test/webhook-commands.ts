/** Commands on webhooks, as a person or a program gives them through GraphQL, and what is seen of deliveries. */
import { z } from 'zod';
import type { Asker } from './commands.ts';

const refusal = '... on Error { code message } ... on InvalidInputError { fields { path message } }';
const delivery = `id type state payload nextAttemptAt
  attempts { id url startedAt finishedAt status durationMs fault response summary }`;

const Endpoint = z.object({ endpoint: z.object({ id: z.string() }), secret: z.string().nullable() });
const Attempt = z.object({
  id: z.string(),
  url: z.string(),
  startedAt: z.string(),
  finishedAt: z.string().nullable(),
  status: z.number().nullable(),
  durationMs: z.number().nullable(),
  fault: z.string().nullable(),
  response: z.string().nullable(),
  summary: z.string(),
});
const Delivery = z.object({
  id: z.string(),
  type: z.string(),
  state: z.string(),
  payload: z.string(),
  nextAttemptAt: z.string().nullable(),
  attempts: z.array(Attempt),
});
export type ShownDelivery = z.infer<typeof Delivery>;

/** What `createWebhookEndpoint` answers, whatever it is. */
export async function tryCreateEndpoint(asker: Asker, input: object): Promise<unknown> {
  const data = await asker.graphql(
    `mutation ($input: CreateWebhookEndpointInput!) { createWebhookEndpoint(input: $input) {
       __typename ... on CreateWebhookEndpointPayload { endpoint { id url events description } secret } ${refusal} } }`,
    { input },
  );
  return z.object({ createWebhookEndpoint: z.unknown() }).parse(data).createWebhookEndpoint;
}

/** Makes an endpoint. @throws when it is refused */
export async function createEndpoint(asker: Asker, input: object): Promise<{ id: string; secret: string }> {
  const { endpoint, secret } = Endpoint.parse(await tryCreateEndpoint(asker, input));
  return { id: endpoint.id, secret: secret ?? '' };
}

/** Gives a command that takes an id alone. @param selection  of its payload */
export async function command(asker: Asker, name: string, id: string, selection = ''): Promise<unknown> {
  const data = await asker.graphql(
    `mutation ($id: ID!) { ${name}(id: $id) { __typename ${selection} ... on Error { code message } } }`,
    { id },
  );
  return z.record(z.string(), z.unknown()).parse(data)[name];
}

/** What `updateWebhookEndpoint` answers. */
export async function updateEndpoint(asker: Asker, input: object): Promise<unknown> {
  const data = await asker.graphql(
    `mutation ($input: UpdateWebhookEndpointInput!) { updateWebhookEndpoint(input: $input) {
       __typename ... on WebhookEndpointPayload { endpoint { url events description disabledReason } } ${refusal} } }`,
    { input },
  );
  return z.object({ updateWebhookEndpoint: z.unknown() }).parse(data).updateWebhookEndpoint;
}

/** The newest deliveries of an endpoint, as they stand. */
export async function deliveriesOf(asker: Asker, endpointId: string, first = 20): Promise<ShownDelivery[]> {
  const data = await asker.graphql(
    `query ($id: ID!, $first: Int) { node(id: $id) { ... on WebhookEndpoint {
       deliveries(first: $first) { edges { node { ${delivery} } } } } } }`,
    { id: endpointId, first },
  );
  const Page = z.object({ node: z.object({ deliveries: z.object({ edges: z.array(z.object({ node: Delivery })) }) }) });
  return Page.parse(data).node.deliveries.edges.map(({ node }) => node);
}

/** The state of an endpoint. */
export async function endpointState(asker: Asker, id: string) {
  const data = await asker.graphql(
    'query ($id: ID!) { node(id: $id) { ... on WebhookEndpoint { disabledAt disabledReason failingSince } } }',
    { id },
  );
  const State = z.object({
    disabledAt: z.string().nullable(),
    disabledReason: z.string().nullable(),
    failingSince: z.string().nullable(),
  });
  return z.object({ node: State }).parse(data).node;
}

/** What `recoverWebhooks` answers. */
export async function recover(asker: Asker, input: { id: string; since: Date }): Promise<unknown> {
  const data = await asker.graphql(
    `mutation ($input: RecoverWebhooksInput!) { recoverWebhooks(input: $input) {
       __typename ... on RecoverWebhooksPayload { count } ${refusal} } }`,
    { input },
  );
  return z.object({ recoverWebhooks: z.unknown() }).parse(data).recoverWebhooks;
}
