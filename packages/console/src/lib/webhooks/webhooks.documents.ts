import type { ResultOf } from 'gql.tada';
import { graphql } from '#lib/live/graphql.ts';

export const EndpointFields = graphql(`
  fragment EndpointFields on WebhookEndpoint {
    id url description events createdAt disabledAt disabledReason failingSince previousSecretEndsAt
  }
`);

const AttemptFields = graphql(`
  fragment AttemptFields on WebhookAttempt { id startedAt finishedAt status durationMs fault }
`);

/** A delivery as a row shows it: without bodies, which may be long. */
const DeliveryRow = graphql(
  `fragment DeliveryRow on WebhookDelivery { id type state createdAt nextAttemptAt attempts { ...AttemptFields } }`,
  [AttemptFields],
);

/** A workspace has at most 20 endpoints. */
export const EndpointsQuery = graphql(
  `query Endpoints {
    workspace {
      webhookEndpoints(first: 20) {
        edges { node { ...EndpointFields deliveries(first: 1) { edges { node { ...DeliveryRow } } } } }
      }
    }
  }`,
  [EndpointFields, DeliveryRow],
);

export const EndpointQuery = graphql(
  `query Endpoint($id: ID!, $first: Int!, $after: String, $state: WebhookDeliveryState, $type: String) {
    node(id: $id) {
      __typename
      ... on WebhookEndpoint {
        ...EndpointFields
        deliveries(first: $first, after: $after, state: $state, type: $type) {
          pageInfo { hasNextPage endCursor }
          edges { node { ...DeliveryRow } }
        }
      }
    }
  }`,
  [EndpointFields, DeliveryRow],
);

export const DeliveryQuery = graphql(
  `query Delivery($id: ID!) {
    node(id: $id) {
      __typename
      ... on WebhookDelivery {
        id type state createdAt nextAttemptAt payload endpoint { id }
        attempts { ...AttemptFields response }
      }
    }
  }`,
  [AttemptFields],
);

/** Every delivery when it is made, sent, answered or given up, and how its endpoint stands then. */
export const DeliveryChanges = graphql(
  `subscription DeliveryChanges($endpointId: ID) {
    deliveryChanged(endpointId: $endpointId) { ...DeliveryRow endpoint { ...EndpointFields } }
  }`,
  [EndpointFields, DeliveryRow],
);

export const CreateEndpoint = graphql(
  `mutation CreateEndpoint($input: CreateWebhookEndpointInput!) {
    result: createWebhookEndpoint(input: $input) {
      __typename
      ... on CreateWebhookEndpointPayload { secret endpoint { ...EndpointFields } }
      ... on Error { message }
      ... on InvalidInputError { fields { path message } }
    }
  }`,
  [EndpointFields],
);

export const UpdateEndpoint = graphql(
  `mutation UpdateEndpoint($input: UpdateWebhookEndpointInput!) {
    result: updateWebhookEndpoint(input: $input) {
      __typename
      ... on WebhookEndpointPayload { endpoint { ...EndpointFields } }
      ... on Error { message }
      ... on InvalidInputError { fields { path message } }
    }
  }`,
  [EndpointFields],
);

export const DeleteEndpoint = graphql(`
  mutation DeleteEndpoint($id: ID!) {
    result: deleteWebhookEndpoint(id: $id) {
      __typename
      ... on DeleteWebhookEndpointPayload { deletedId }
      ... on Error { message }
    }
  }
`);

export const RotateSecret = graphql(
  `mutation RotateSecret($id: ID!) {
    result: rotateWebhookSecret(id: $id) {
      __typename
      ... on RotateWebhookSecretPayload { secret endpoint { ...EndpointFields } }
      ... on Error { message }
    }
  }`,
  [EndpointFields],
);

export const SendTest = graphql(
  `mutation SendTest($id: ID!) {
    result: sendTestWebhook(id: $id) {
      __typename
      ... on WebhookDeliveryPayload { delivery { ...DeliveryRow } }
      ... on Error { message }
    }
  }`,
  [DeliveryRow],
);

export const Redeliver = graphql(
  `mutation Redeliver($id: ID!) {
    result: redeliverWebhook(id: $id) {
      __typename
      ... on WebhookDeliveryPayload { delivery { ...DeliveryRow } }
      ... on Error { message }
    }
  }`,
  [DeliveryRow],
);

export const Recover = graphql(`
  mutation Recover($input: RecoverWebhooksInput!) {
    result: recoverWebhooks(input: $input) {
      __typename
      ... on RecoverWebhooksPayload { count }
      ... on Error { message }
      ... on InvalidInputError { fields { path message } }
    }
  }
`);

export type Endpoint = ResultOf<typeof EndpointFields>;
export type Delivery = ResultOf<typeof DeliveryRow>;
export type Attempt = Delivery['attempts'][number];
type DeliveryNode = NonNullable<ResultOf<typeof DeliveryQuery>['node']>;
/** A delivery with its body, and the answer to each attempt. */
export type DeliveryDetail = Extract<DeliveryNode, { __typename: 'WebhookDelivery' }>;
export type DeliveryChange = NonNullable<ResultOf<typeof DeliveryChanges>['deliveryChanged']>;
