/** Health: is the process alive, and can it serve? */
import type { FastifyInstance } from 'fastify';

/** Asks one dependency; rejects when it does not answer. */
export type Probe = () => Promise<unknown>;

/**
 * Adds `/healthz` and `/readyz`.
 *
 * @param isStopping  readiness ends before the server does, so that a balancer stops sending in time
 */
export function addHealth(app: FastifyInstance, probes: Readonly<Record<string, Probe>>, isStopping: () => boolean): void {
  app.get('/healthz', async () => ({ status: 'ok' }));

  app.get('/readyz', async (_request, reply) => {
    const checks = Object.fromEntries(
      await Promise.all(
        Object.entries(probes).map(async ([name, probe]) => [
          name,
          await probe().then(
            () => 'ok',
            () => 'unavailable',
          ),
        ]),
      ),
    );
    const isReady = !isStopping() && Object.values(checks).every((state) => state === 'ok');
    return reply.code(isReady ? 200 : 503).send({ status: isReady ? 'ready' : 'not ready', checks });
  });
}
