/**
 * REST: `/api/v1`, all of it behind the guard.
 *
 *   request -> guard -> route -> answer, then the key's last use in the background
 *
 * The guard is a hook of the whole scope, unknown paths included: no route can be added without it.
 */
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Config } from '../config.ts';
import { authorizationFields, sendRefusal, writeAdmitted } from '../guard/answer.http.ts';
import { clientAddress } from '../guard/client-address.ts';
import type { Admission, Guard } from '../guard/guard.ts';
import type { Clock } from '../kernel/clock.ts';
import { sendProblem } from '../kernel/problem.http.ts';
import { refuse } from '../kernel/problem.ts';
import type { KeyUse } from '../keys/seen.ts';
import { limitsAnswer } from './limits.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** The scope that a key needs for the route. */
    scope?: string;
    /** Counts nothing and answers even when a limit is spent. */
    isFree?: boolean;
  }
  interface FastifyRequest {
    /** What the guard let in; null before it decided, and where it refused. */
    admitted: (Admission & { readonly address: string }) | null;
  }
}

interface Needs {
  readonly guard: Guard;
  readonly keyUse: KeyUse;
  readonly clock: Clock;
  readonly publicUrl: string;
  readonly trustedProxies: Config['trustedProxies'];
}

/** Adds the routes below `/api/v1`. */
export function addRest(app: FastifyInstance, { guard, keyUse, clock, publicUrl, trustedProxies }: Needs): void {
  app.register(
    async (api) => {
      api.decorateRequest('admitted', null);

      api.addHook('onRequest', async (request, reply) => {
        const address = clientAddress(request.socket.remoteAddress, forwardedFor(request), trustedProxies);
        const { scope, isFree } = request.routeOptions.config;
        const decision = await guard.decide({
          authorization: authorizationFields(request.raw),
          address,
          scope,
          isFree,
        });
        if (!decision.admitted) return sendRefusal(reply, publicUrl, decision);
        request.admitted = { ...decision, address };
        writeAdmitted(reply, decision);
      });

      api.addHook('onResponse', (request, reply, next) => {
        next();
        if (request.admitted === null) return;
        const { key, secretHash, address } = request.admitted;
        keyUse.seen({ keyId: key.id, workspaceId: key.workspaceId, secretHash }, clock.now(), () => ({
          userAgent: request.headers['user-agent'],
          method: request.method,
          path: request.url,
          status: reply.statusCode,
          address,
        }));
      });

      api.setNotFoundHandler((_request, reply) =>
        sendProblem(reply, publicUrl, refuse('not_found', 'There is no such path or method.').problem),
      );

      api.get('/ping', async (request) => {
        const { key } = admitted(request);
        return { ok: true, key_id: key.id, workspace_id: key.workspaceId, at: new Date(clock.now()).toISOString() };
      });
      api.get('/limits', { config: { isFree: true } }, async (request) => limitsAnswer(admitted(request).taken));
    },
    { prefix: '/api/v1' },
  );
}

function admitted(request: FastifyRequest) {
  if (request.admitted === null) throw new Error('a guarded route ran without the guard');
  return request.admitted;
}

function forwardedFor({ headers }: FastifyRequest): string | undefined {
  const field = headers['x-forwarded-for'];
  return Array.isArray(field) ? field.join(',') : field;
}
