/** The part of compose that makes the webhooks' rooms, and starts to deliver. */
import type { Config } from './config.ts';
import type { Events } from './events/domain-event.ts';
import { createOutbox, type Outbox } from './events/outbox.ts';
import type { Clock } from './kernel/clock.ts';
import { createDatabase, createPool, type Database } from './kernel/database.ts';
import type { NewId } from './kernel/id.ts';
import type { Lifecycle } from './kernel/lifecycle.ts';
import type { Log } from './kernel/log.ts';
import { createSealer } from './kernel/sealed.ts';
import { startDelivering } from './webhooks/deliver.ts';
import { createDeliveries, type Deliveries } from './webhooks/deliveries.ts';
import { createEndpoints, type Endpoints } from './webhooks/endpoints.ts';
import { createWebhookList, type WebhookList } from './webhooks/list.ts';
import { createResolve } from './webhooks/names.dns.ts';
import { startPuttingAway } from './webhooks/put-away.ts';
import { createPostgresQueue } from './webhooks/queue.postgres.ts';
import { createHttpSender, type Resolve } from './webhooks/sender.http.ts';
import { createReach } from './webhooks/target.ts';

/** What a test may have otherwise. */
export interface WebhookSettings {
  readonly resolve?: Resolve;
  readonly timeoutMs?: number;
}

/** As the contract says. */
const timeoutMs = 15_000;
/** More than twice the time-out, and with a look for what is due within the minute that is promised, ms. */
const leaseMs = 45_000;
/** What is sent has connections of its own: receivers of webhooks keep nobody else waiting. */
const connections = 4;

interface Needs {
  /** For what people and programs ask. */
  readonly readers: Database;
  readonly databaseUrl: string;
  readonly outbox: Outbox;
  readonly events: Events;
  readonly clock: Clock;
  readonly newId: NewId;
  readonly secret: string;
  readonly log: Log;
  readonly lifecycle: Lifecycle;
  readonly settings: WebhookSettings | undefined;
}

export interface Webhooks {
  readonly endpoints: Endpoints;
  readonly deliveries: Deliveries;
  readonly webhookList: WebhookList;
}

/** Opens the rooms; from when it settles deliveries are sent. */
export async function openWebhooks(config: Config, needs: Needs): Promise<Webhooks> {
  const { readers, databaseUrl, outbox, events, clock, newId, secret, log, lifecycle, settings } = needs;
  const sealer = createSealer(secret, 'webhook secrets');
  const mayReach = createReach(config.webhookAllowCidrs);
  const sender = createHttpSender({ mayReach, resolve: createResolve(), timeoutMs, ...settings });
  const database = createDatabase(createPool({ url: databaseUrl, log, connections }));
  lifecycle.onStop('database of webhooks', () => database.$disconnect());
  const ownOutbox = createOutbox({ database, events, clock, newId });
  const queue = createPostgresQueue({ database, outbox: ownOutbox, clock, newId, leaseMs });
  const deliverer = await startDelivering({ queue, sender, sealer, events, clock, log });
  lifecycle.onStop('webhooks', () => deliverer.close());
  const puttingAway = await startPuttingAway({ queue, events, log });
  lifecycle.onStop('webhooks that are over', () => puttingAway.close());
  return {
    endpoints: createEndpoints({ outbox, sender, sealer, clock, newId }),
    deliveries: createDeliveries({ outbox, events, clock, newId }),
    webhookList: createWebhookList({ database: readers, clock }),
  };
}
