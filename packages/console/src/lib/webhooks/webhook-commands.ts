/**
 * Webhook commands: what can be done to endpoints and deliveries, each with its typed no.
 *
 *   command -> outcome: the thing as it is now | why not, in words, with the fields that are wrong
 */
import type { Ask } from '#lib/live/ask.ts';
import { no, type Outcome, outcomeOf, yes } from '#lib/live/outcome.ts';
import { m } from '#messages';
import type { EndpointSettings } from './endpoint-draft.ts';
import {
  CreateEndpoint,
  DeleteEndpoint,
  type Delivery,
  type Endpoint,
  Recover,
  Redeliver,
  RotateSecret,
  SendTest,
  UpdateEndpoint,
} from './webhooks.documents.ts';

/** An endpoint and its new secret. */
export interface IssuedEndpoint {
  readonly endpoint: Endpoint;
  readonly secret: string;
}

export interface WebhookCommands {
  /** The secret is in this answer and nowhere else: whoever asked holds the only copy. */
  create(input: EndpointSettings): Promise<Outcome<IssuedEndpoint>>;
  /** What is left out stays. */
  update(id: string, changes: Partial<EndpointSettings> & { enabled?: boolean }): Promise<Outcome<Endpoint>>;
  /** The new secret is in this answer and nowhere else; the old one signs beside it for 24 h. */
  rotate(id: string): Promise<Outcome<IssuedEndpoint>>;
  delete(id: string): Promise<Outcome<string>>;
  test(endpointId: string): Promise<Outcome<Delivery>>;
  redeliver(deliveryId: string): Promise<Outcome<Delivery>>;
  /** Sends again what failed of events since then, epoch ms. @returns how many */
  recover(endpointId: string, since: number): Promise<Outcome<number>>;
}

export function createWebhookCommands(ask: Ask): WebhookCommands {
  const send = async (document: typeof SendTest | typeof Redeliver, id: string): Promise<Outcome<Delivery>> =>
    outcomeOf(await ask(document, { id }), ({ result }) =>
      result.__typename === 'WebhookDeliveryPayload' ? yes(result.delivery) : no(result),
    );
  return {
    create: async (input) =>
      outcomeOf(await ask(CreateEndpoint, { input }), ({ result }) => {
        if (result.__typename !== 'CreateWebhookEndpointPayload') return no(result);
        const { endpoint, secret } = result;
        // Only a create that was said before is answered without one, and no create is said twice here.
        return secret === null ? no({ message: m.webhooks_created_before() }) : yes({ endpoint, secret });
      }),
    update: async (id, changes) =>
      outcomeOf(await ask(UpdateEndpoint, { input: { id, ...changes } }), ({ result }) =>
        result.__typename === 'WebhookEndpointPayload' ? yes(result.endpoint) : no(result),
      ),
    rotate: async (id) =>
      outcomeOf(await ask(RotateSecret, { id }), ({ result }) => {
        if (result.__typename !== 'RotateWebhookSecretPayload') return no(result);
        return yes({ endpoint: result.endpoint, secret: result.secret });
      }),
    delete: async (id) =>
      outcomeOf(await ask(DeleteEndpoint, { id }), ({ result }) =>
        result.__typename === 'DeleteWebhookEndpointPayload' ? yes(result.deletedId) : no(result),
      ),
    test: (endpointId) => send(SendTest, endpointId),
    redeliver: (deliveryId) => send(Redeliver, deliveryId),
    recover: async (id, since) =>
      outcomeOf(await ask(Recover, { input: { id, since: new Date(since).toISOString() } }), ({ result }) =>
        result.__typename === 'RecoverWebhooksPayload' ? yes(result.count) : no(result),
      ),
  };
}
