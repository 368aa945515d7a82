/** Health: is the process alive, can it serve, and what is it doing? */
import type { FastifyInstance } from 'fastify';
import { collectDefaultMetrics, Gauge, Registry } from 'prom-client';

/** Asks one dependency; rejects when it does not answer. */
export type Probe = () => Promise<unknown>;

interface Needs {
  /** By the name of the dependency. */
  readonly probes: Readonly<Record<string, Probe>>;
  /** Readiness ends before the server does, so that a balancer stops sending in time. */
  readonly isStopping: () => boolean;
  /** How many live meters are being watched. */
  readonly watchers: () => number;
}

/** Adds `/healthz`, `/readyz` and `/metrics`. */
export function addHealth(app: FastifyInstance, { probes, isStopping, watchers }: Needs): void {
  const registry = createRegistry(watchers);
  app.get('/healthz', async () => ({ status: 'ok' }));
  app.get('/metrics', async (_request, reply) => reply.type(registry.contentType).send(await registry.metrics()));

  app.get('/readyz', async (_request, reply) => {
    const checks = Object.fromEntries(
      await Promise.all(Object.entries(probes).map(async ([name, probe]) => [name, await stateOf(probe)] as const)),
    );
    const isReady = !isStopping() && Object.values(checks).every((state) => state === 'ok');
    return reply.code(isReady ? 200 : 503).send({ status: isReady ? 'ready' : 'not ready', checks });
  });
}

function stateOf(probe: Probe): Promise<'ok' | 'unavailable'> {
  return probe().then(
    () => 'ok',
    () => 'unavailable',
  );
}

function createRegistry(watchers: () => number): Registry {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  new Gauge({
    name: 'gatekey_usage_watchers',
    help: 'Subscriptions to live usage on this server.',
    registers: [registry],
    collect() {
      this.set(watchers());
    },
  });
  return registry;
}
