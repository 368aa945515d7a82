/**
 * The part of compose that makes a demo: a database that is filled once, a server on it, and sample traffic.
 *
 *   database -> filled by rooms on a clock of the past -> the server as everybody has it -> traffic through its door
 */
import { parseRange } from '@gatekey/shared';
import { createAccounts } from './accounts/accounts.ts';
import { createMembers } from './accounts/members.ts';
import { createSessions } from './accounts/sessions.ts';
import { createWorkspaces } from './accounts/workspaces.ts';
import { openDatabase } from './compose.stores.ts';
import { type App, compose } from './compose.ts';
import type { Config } from './config.ts';
import { fill, type Scene } from './demo/fill.ts';
import { type Keepsake, readKeepsake, writeKeepsake } from './demo/keepsake.ts';
import { origin } from './demo/people.ts';
import { type Receivers, startReceivers } from './demo/receivers.ts';
import { startTraffic } from './demo/traffic.ts';
import { createLocalBus } from './events/bus.local.ts';
import { createEvents } from './events/domain-event.ts';
import { createOutbox } from './events/outbox.ts';
import { systemClock } from './kernel/clock.ts';
import type { Database, Pool } from './kernel/database.ts';
import { createNewId } from './kernel/id.ts';
import type { Lifecycle } from './kernel/lifecycle.ts';
import type { Log } from './kernel/log.ts';
import { createSealer } from './kernel/sealed.ts';
import { StartRefused } from './kernel/start-refused.ts';
import { storedSecret } from './kernel/stored-secret.ts';
import { createKeys } from './keys/keys.ts';
import { createKeyUse } from './keys/seen.ts';
import { createPostgresLedgerStore } from './metering/ledger.postgres.ts';
import { createPlans } from './plans/plans.ts';
import { createDeliveries } from './webhooks/deliveries.ts';
import { createEndpoints } from './webhooks/endpoints.ts';
import { createFanOut } from './webhooks/fan-out.ts';
import { createPostgresQueue } from './webhooks/queue.postgres.ts';

export interface Demo extends App {
  readonly email: string;
  readonly password: string;
}

interface Surroundings {
  readonly log: Log;
  readonly lifecycle: Lifecycle;
}

/** What a demo lets be reached, and believes: itself. */
const loopback = [parseRange('127.0.0.0/8'), parseRange('::1/128')].filter((range) => range !== undefined);

/** Starts a demo; when it settles it serves, and is called. @throws StartRefused */
export async function composeDemo(config: Config, { log, lifecycle }: Surroundings): Promise<Demo> {
  const { url: databaseUrl, database, pool, broken } = await openDatabase(config, log, lifecycle);
  const authSecret = config.authSecret ?? storedSecret(config.dataDir, 'auth-secret');
  const receivers = await startReceivers();
  lifecycle.onStop('receivers', () => receivers.close());
  const making = keepsakeOf({ ...config, authSecret }, { database, pool, receivers, log });
  // A demo that is stopped while it is filled is filled first: a half of one could not be gone on with.
  lifecycle.onStop('filling', () => making.catch(() => {}));
  const { email, password, keys } = await making;

  const app = await compose(
    {
      ...config,
      databaseUrl,
      authSecret,
      trustedProxies: [...config.trustedProxies, ...loopback],
      webhookAllowCidrs: [...config.webhookAllowCidrs, ...loopback],
    },
    { log, lifecycle },
  );
  const traffic = startTraffic({ url: `http://${ownHost(config.host)}:${app.port}`, keys, clock: systemClock, log });
  lifecycle.onStop('sample traffic', () => traffic.close());
  return { ...app, broken: Promise.race([broken, app.broken]), email, password };
}

interface Needs {
  readonly database: Database;
  readonly pool: Pool;
  readonly receivers: Receivers;
  readonly log: Log;
}
type DemoConfig = Config & { readonly authSecret: string };

/** Of the demo that is there; of a new one in an empty database. @throws StartRefused for a database of others */
async function keepsakeOf(config: DemoConfig, needs: Needs): Promise<Keepsake> {
  const { database, receivers } = needs;
  if ((await database.user.count()) === 0) {
    const keepsake = await fill(sceneOf(config, needs));
    writeKeepsake(config.dataDir, keepsake);
    return keepsake;
  }
  const keepsake = readKeepsake(config.dataDir);
  if (keepsake === undefined || (await database.user.count({ where: { id: keepsake.userId } })) === 0) {
    throw new StartRefused(
      'The database has accounts that are no demo’s: give the demo a DATA_DIR or DATABASE_URL of its own.',
    );
  }
  // Its receivers listen elsewhere each time; that is no change that anybody made.
  for (const path of ['/operations', '/billing'] as const) {
    const id = keepsake.endpoints[path] ?? '';
    await database.webhookEndpoint.updateMany({ where: { id }, data: { url: receivers.urlOf(path) } });
  }
  return keepsake;
}

/** The rooms, on a clock that is put to when it happened. */
function sceneOf(config: DemoConfig, { database, pool, receivers, log }: Needs): Scene {
  const now = systemClock.now();
  let at = now;
  const clock = { now: () => at };
  const newId = createNewId(clock);
  const events = createEvents({ bus: createLocalBus({ log }), log });
  const outbox = createOutbox({ database, events, clock, newId, follows: [createFanOut({ newId })] });
  const sessions = createSessions({ database, events, clock, log });
  const { authSecret: secret, keyPrefix } = config;
  const sealer = createSealer(secret, 'webhook secrets');
  const people = { database, sessions, events, clock, newId, log, secret };
  return {
    database,
    now,
    clock,
    travel: (to) => {
      at = to;
    },
    accounts: createAccounts({ ...people, publicUrl: origin, allowedOrigins: [origin], signup: 'open' }),
    members: createMembers({ outbox, clock, newId }),
    workspaces: createWorkspaces({ outbox, clock }),
    plans: createPlans({ database, outbox, newId }),
    keys: createKeys({ outbox, clock, newId, keyPrefix }),
    keyUse: createKeyUse({ database, events, log }),
    ledger: createPostgresLedgerStore({ pool }),
    // Nothing is sent yet: the receivers are known.
    endpoints: createEndpoints({ outbox, sender: { mayReach: async () => true }, sealer, clock, newId }),
    deliveries: createDeliveries({ outbox, events, clock, newId }),
    queue: createPostgresQueue({ database, outbox, clock, newId, leaseMs: 45_000 }),
    receivers,
  };
}

/** A name of this machine at which a server that listens there can be called. */
function ownHost(host: string): string {
  if (['0.0.0.0', '::'].includes(host)) return '127.0.0.1';
  return host.includes(':') ? `[${host}]` : host;
}
