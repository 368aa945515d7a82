/** Health: is the process alive, can it serve, and what is it doing? */
import type { FastifyInstance } from 'fastify';
import { Counter, collectDefaultMetrics, Gauge, Registry } from 'prom-client';
import { within } from './kernel/within.ts';

/** Something that the server stands on. */
export interface Dependency {
  /** Asks it; rejects when it does not answer. */
  ask(): Promise<unknown>;
  /** Whether nothing can be served without it. */
  readonly isNeeded: boolean;
  /** How many calls were answered without it since the start. */
  answeredWithout(): number;
}

interface Needs {
  /** By name. */
  readonly dependencies: Readonly<Record<string, Dependency>>;
  /** Readiness ends before the server does, so that a balancer stops sending in time. */
  readonly isStopping: () => boolean;
  /** How many live meters are being watched. */
  readonly watchers: () => number;
  /** Minutes of a key that the ledger had to give up. */
  readonly lostMinutes: () => number;
  /** Mails by what became of them; undefined where none are sent. */
  readonly mails: (() => { readonly sent: number; readonly dropped: number }) | undefined;
  /** Entries that the request log had to drop. */
  readonly droppedRequests: () => number;
}

export interface Health {
  /** Whether anybody asks for readiness and so can see that it ends. */
  isWatched(): boolean;
}

/** Longer than balancers wait between two looks at readiness, ms. */
const watchedMs = 60_000;

/** Adds `/healthz`, `/readyz` and `/metrics`. */
export function addHealth(app: FastifyInstance, { isStopping, ...needs }: Needs): Health {
  const { dependencies } = needs;
  let askedAt = Number.NEGATIVE_INFINITY;
  const registry = createRegistry(needs);
  app.get('/healthz', async () => ({ status: 'ok' }));
  app.get('/metrics', async (_request, reply) => reply.type(registry.contentType).send(await registry.metrics()));

  app.get('/readyz', async (_request, reply) => {
    askedAt = performance.now();
    const checks = Object.fromEntries(
      await Promise.all(Object.entries(dependencies).map(async ([name, one]) => [name, await stateOf(one)] as const)),
    );
    const states = Object.values(checks);
    const isReady = !isStopping() && !states.includes('unavailable');
    const status = isReady ? (states.includes('degraded') ? 'degraded' : 'ready') : 'not ready';
    return reply.code(isReady ? 200 : 503).send({ status, checks });
  });
  return { isWatched: () => performance.now() - askedAt < watchedMs };
}

/** Whoever asks for readiness waits no longer than this for a dependency that says nothing, ms. */
const patienceMs = 1_000;

/** A balancer that took every server out because one dependency is away would make an outage of it. */
function stateOf({ ask, isNeeded }: Dependency): Promise<'ok' | 'degraded' | 'unavailable'> {
  return within(patienceMs, ask(), 'it is silent').then(
    () => 'ok',
    () => (isNeeded ? 'unavailable' : 'degraded'),
  );
}

function createRegistry(needs: Omit<Needs, 'isStopping'>): Registry {
  const { dependencies, watchers, lostMinutes, droppedRequests, mails } = needs;
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });
  new Gauge({
    name: 'gatekey_usage_watchers',
    help: 'Subscriptions to live usage on this server.',
    registers,
    collect() {
      this.set(watchers());
    },
  });
  new Counter({
    name: 'gatekey_degraded_answers_total',
    help: 'Calls that were answered without a dependency, because it was away.',
    labelNames: ['dependency'],
    registers,
    collect() {
      this.reset();
      for (const [dependency, one] of Object.entries(dependencies)) this.inc({ dependency }, one.answeredWithout());
    },
  });
  new Counter({
    name: 'gatekey_usage_minutes_lost_total',
    help: 'Minutes of a key that the history lacks, because the database was away for too long.',
    registers,
    collect() {
      this.reset();
      this.inc(lostMinutes());
    },
  });
  new Counter({
    name: 'gatekey_requests_dropped_total',
    help: 'Entries that the request log lacks, because its store was away or they came too fast.',
    registers,
    collect() {
      this.reset();
      this.inc(droppedRequests());
    },
  });
  if (mails === undefined) return registry;
  new Counter({
    name: 'gatekey_mails_total',
    help: 'Mails of this server: taken by the mail server, or dropped because it refused them or was away for too long.',
    labelNames: ['outcome'],
    registers,
    collect() {
      this.reset();
      for (const [outcome, count] of Object.entries(mails())) this.inc({ outcome }, count);
    },
  });
  return registry;
}
