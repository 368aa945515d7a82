/**
 * Compose: Config -> App. With its other parts, `compose.*.ts`, the only file that picks postgres, redis, local and http, and that
 * knows every room and door.
 *
 *   port -> database -> counters and bus -> rooms -> doors
 *
 * What is started is told to the lifecycle at once, so that a start that fails or is called off leaves nothing behind.
 */
import { randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { FastifyInstance } from 'fastify';
import { createAccounts } from './accounts/accounts.ts';
import { createMembers } from './accounts/members.ts';
import { createSessions } from './accounts/sessions.ts';
import { createWorkspaces } from './accounts/workspaces.ts';
import { type AlertSettings, startAlerts } from './alerts/alerts.ts';
import { createNoted } from './alerts/noted.ts';
import { createAudit } from './audit/audit.ts';
import { addAuth } from './auth.ts';
import { openMail } from './compose.mail.ts';
import { openDatabase, openStores } from './compose.stores.ts';
import { openWebhooks, type WebhookSettings } from './compose.webhooks.ts';
import type { Config } from './config.ts';
import { addConsole, sendPage } from './console.ts';
import { createEvents } from './events/domain-event.ts';
import { createOutbox } from './events/outbox.ts';
import { addForwardAuth } from './gateway/forward-auth.ts';
import { createGateway, type Gateway } from './gateway/gateway.http.ts';
import { addKeySet, createIdentity } from './gateway/identity.ts';
import { addUpstreamDocument, upstreamDocumentPath } from './gateway/upstream-document.http.ts';
import { createEngine } from './graphql/engine.ts';
import { createEntrance } from './graphql/entrance.ts';
import { addGraphqlHttp, type HttpDoor } from './graphql/http.ts';
import { addGraphqlWebSocket, type WebSocketDoor } from './graphql/websocket.ts';
import { createGuard } from './guard/guard.ts';
import { createRules } from './guard/rules.ts';
import { createStreams } from './guard/streams.ts';
import { addHealth, type Health } from './health.ts';
import { createHttp } from './http.ts';
import { type Clock, systemClock } from './kernel/clock.ts';
import { createNewId } from './kernel/id.ts';
import type { Lifecycle } from './kernel/lifecycle.ts';
import { type Listener, listen } from './kernel/listener.http.ts';
import type { Log } from './kernel/log.ts';
import { storedSecret } from './kernel/stored-secret.ts';
import { createKeyCache } from './keys/key-cache.ts';
import { createKeys } from './keys/keys.ts';
import { createKeyList } from './keys/list.ts';
import { createPostgresKeyLookup } from './keys/lookup.postgres.ts';
import { createRecentChanges } from './keys/recent-changes.ts';
import { createKeyUse } from './keys/seen.ts';
import { workspaceLimits } from './keys/workspace-limits.ts';
import { createUsageAnnouncer } from './live/usage-announcer.ts';
import { createUsageFeed } from './live/usage-feed.ts';
import { createWatched } from './live/watched.ts';
import { createHistory } from './metering/history.ts';
import { createPostgresLedgerStore } from './metering/ledger.postgres.ts';
import { createLedger } from './metering/ledger.ts';
import { createMeter } from './metering/meter.ts';
import { createCostRules } from './plans/cost-rules.ts';
import { createPlans } from './plans/plans.ts';
import { addProblemPages } from './problem-pages.ts';
import { createRequests } from './requests/requests.ts';
import { addReference } from './rest/reference.ts';
import { addRest } from './rest/rest.ts';
import { createFanOut } from './webhooks/fan-out.ts';

export interface App {
  readonly publicUrl: string;
  readonly port: number;
  /** Settles with the reason when something that cannot be replaced has ended by itself. */
  readonly broken: Promise<string>;
}

/** What an App needs from its process. */
export interface Surroundings {
  readonly log: Log;
  readonly lifecycle: Lifecycle;
  /** The system's unless told. */
  readonly clock?: Clock;
  /** Called before any door is added: adds routes that nothing guards, as the benchmark needs one, or hooks. */
  readonly extend?: (app: FastifyInstance) => void;
  /** As the contract has them unless told. */
  readonly webhooks?: WebhookSettings;
  /** As they are usually unless told. */
  readonly alerts?: AlertSettings;
}

const consoleRoot = fileURLToPath(new URL('../../console/build', import.meta.url));

/**
 * Starts everything; when it settles the server serves.
 *
 * @throws StartRefused with lines for the person who starts it
 */
export async function compose(config: Config, surroundings: Surroundings): Promise<App> {
  const { log, lifecycle, clock = systemClock, extend, webhooks: settings, alerts: alertSettings } = surroundings;
  const listener = await listen(config.host, config.port);
  lifecycle.onStop('listener', () => listener.close());
  const publicUrl = config.publicUrl ?? `http://${hostInUrl(config.host)}:${listener.port}`;
  const allowedOrigins = originsOf(config, publicUrl);

  const { url: databaseUrl, database, pool, hotPool, broken, ping } = await openDatabase(config, log, lifecycle);
  const writer = randomUUID();
  const store = createPostgresLedgerStore({ pool: hotPool, readers: pool });
  const ledger = createLedger({ store, log, writer });
  lifecycle.onStop('ledger', () => ledger.close());
  const stores = await openStores(config, { ledger, writer, log, lifecycle, clock });
  const { bus, counter } = stores;

  const newId = createNewId(clock);
  const events = createEvents({ bus, log });
  const secret = config.authSecret ?? storedSecret(config.dataDir, 'auth-secret');
  const mail = openMail(config, { database, clock, newId, secret, publicUrl, log, lifecycle });
  const follows = [createFanOut({ newId }), ...(mail === undefined ? [] : [mail.follow])];
  const outbox = createOutbox({ database, events, clock, newId, follows });
  const { signup } = config;
  const sessions = createSessions({ database, events, clock, log });
  const accountsNeed = { database, sessions, events, clock, newId, log, secret };
  const accounts = createAccounts({ ...accountsNeed, publicUrl, allowedOrigins, signup });
  const workspaces = createWorkspaces({ outbox, clock });
  const members = createMembers({ outbox, clock, newId, mail: mail?.invite });
  const plans = createPlans({ database, outbox, newId });
  const costRules = createCostRules({ database, outbox, newId });
  const keys = createKeys({ outbox, clock, newId, keyPrefix: config.keyPrefix });
  const keyList = createKeyList({ database, clock });
  const history = createHistory({ ledger, keyList });
  const audit = createAudit({ database });
  const world = { events, clock, newId, secret, log, lifecycle };
  const webhooks = await openWebhooks(config, { ...world, readers: database, databaseUrl, outbox, settings });
  const keyUse = createKeyUse({ database, events, log });
  lifecycle.onStop('key use', () => keyUse.settled());
  const watched = await createWatched({ bus, channel: 'watched' });
  lifecycle.onStop('watched', () => watched.close());
  const announcer = createUsageAnnouncer({ bus, watched });
  lifecycle.onStop('usage announcer', () => announcer.close());
  const noted = createNoted();
  const onCounted = (workspaceId: string, keyId: string) => {
    announcer.touch(workspaceId, keyId);
    noted.counted(workspaceId, keyId);
  };
  const meter = createMeter({ counter, ledger, clock, onCounted });
  lifecycle.onStop('meter', () => meter.close());
  const limitsOf = (workspaceId: string) => workspaceLimits(database, workspaceId);
  const feed = createUsageFeed({ bus, watched, events, meter, log, limitsOf });
  lifecycle.onStop('usage feed', () => feed.close());
  const [keySource, recent] = [createPostgresKeyLookup({ pool: hotPool }), createRecentChanges({ pool: hotPool })];
  const lookup = await createKeyCache({ source: keySource, recent, bus, events, log });
  lifecycle.onStop('key cache', () => lookup.close());
  const alertsNeed = { noted, database, outbox, meter, events, clock, log, settings: alertSettings };
  const alerts = await startAlerts(alertsNeed);
  lifecycle.onStop('alerts', () => alerts.close());
  const { keyPrefix } = config;
  const guard = createGuard({ lookup, meter, clock, log, keyPrefix, onAddressRefused: alerts.addressRefused });
  const requests = await createRequests({ openLog: stores.openRequestLog, bus, clock, log });
  lifecycle.onStop('requests log', () => requests.close());
  const streams = await createStreams({ lookup, sessions, events, clock, log });
  lifecycle.onStop('streams', () => streams.close());

  const rules = await createRules({ list: costRules.list, events, log });
  lifecycle.onStop('rules', () => rules.close());

  const { trustedProxies } = config;
  const people = { database, sessions, workspaces, members, plans, costRules };
  const rooms = { ...people, keys, keyList, meter, ledger, feed, requests, streams, events, clock, ...webhooks };
  const engine = createEngine(rooms, log);
  const entrance = createEntrance({ guard, accounts, allowedOrigins });
  const { app, open } = createHttp({
    listener,
    log,
    newId,
    publicUrl,
    fallback: (request, reply) => sendPage(request, reply, consoleRoot),
  });
  extend?.(app);
  const { upstreamUrl, upstreamTimeoutMs: timeoutMs } = config;
  const identity = await createIdentity({ secret, issuer: publicUrl, audience: upstreamUrl ?? publicUrl, clock });
  addKeySet(app, identity);
  const guarded = { guard, requests, keyUse, clock, publicUrl, trustedProxies };
  addForwardAuth(app, { ...guarded, rules, identity });
  const gateway =
    upstreamUrl === undefined
      ? undefined
      : createGateway({ upstreamUrl, timeoutMs, identity, streams, clock, log, publicUrl });
  const { upstreamOpenApi: source } = config;
  const upstreamDocumentUrl = source && publicUrl + upstreamDocumentPath;
  const readable = { keys, keyList, history, audit, upstreamDocumentUrl };
  addRest(app, { ...guarded, ...readable, elsewhere: gateway, rules, ...webhooks });
  const eventStreams = addGraphqlHttp(app, { engine, entrance, streams, ...guarded });
  addAuth(app, { accounts, publicUrl, trustedProxies });
  addUpstreamDocument(app, { source, isGateway: gateway !== undefined, publicUrl, clock, log });
  addReference(app);
  addProblemPages(app);
  const health = addHealth(app, {
    dependencies: {
      database: { ask: ping, isNeeded: false, answeredWithout: lookup.passedWithoutDatabase },
      ...stores.dependencies,
    },
    isStopping: () => lifecycle.isStopping,
    watchers: feed.watchers,
    lostMinutes: ledger.lost,
    mails: mail?.counts,
    droppedRequests: requests.dropped,
  });
  addConsole(app, consoleRoot);
  await open();
  lifecycle.onStop('http', () => app.close());
  lifecycle.onStop('gateway', () => gateway?.close());
  const webSocket = addGraphqlWebSocket(listener, {
    engine,
    entrance,
    streams,
    ...guarded,
    newId,
    allowedOrigins,
  });
  stopDoors(lifecycle, { listener, health, eventStreams, webSocket, gateway });

  return { publicUrl, port: listener.port, broken };
}

/** For how long requests are still served when the server is to stop, ms: readiness has ended, and a balancer sees it. */
const graceMs = 1_500;

interface Doors {
  readonly listener: Listener;
  readonly health: Health;
  readonly eventStreams: HttpDoor;
  readonly webSocket: WebSocketDoor;
  readonly gateway: Gateway | undefined;
}

/** Last noted first: grace, no new connections, streams end, requests finish. Only then what they stand on is stopped. */
function stopDoors(lifecycle: Lifecycle, { listener, health, eventStreams, webSocket, gateway }: Doors): void {
  lifecycle.onStop('requests', () => listener.close());
  lifecycle.onStop('event streams', () => eventStreams.close());
  lifecycle.onStop('web sockets', () => webSocket.close());
  lifecycle.onStop('streams of the gateway', () => gateway?.endStreams());
  lifecycle.onStop('new connections', () => void listener.close());
  lifecycle.onStop('grace', async () => {
    listener.drain();
    // Where nobody looks at readiness, nobody can see it end.
    if (health.isWatched()) await wait(graceMs);
  });
}

function hostInUrl(host: string): string {
  return host.includes(':') ? `[${host}]` : host;
}

/** On this machine alone, people type either name of it. */
function originsOf(config: Config, publicUrl: string): string[] {
  const isLocal = config.publicUrl === undefined && ['127.0.0.1', 'localhost', '::1'].includes(config.host);
  return isLocal ? [publicUrl, `http://localhost:${new URL(publicUrl).port}`] : [publicUrl];
}
