/**
 * Forward-auth: the guard for a proxy that stands in front of the operator's API itself.
 *
 *   proxy -> here, with the call's own headers -> 200 and whose call it is, or the refusal -> proxy -> upstream or client
 *
 * What was called, how and from where is believed only of TRUSTED_PROXIES; anybody else asks for itself.
 */
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Config } from '../config.ts';
import { authorizationFields, sendRefusal, writeDecision } from '../guard/answer.http.ts';
import { clientAddress, forwardedFor, isTrusted } from '../guard/client-address.ts';
import type { Guard } from '../guard/guard.ts';
import type { Rules } from '../guard/rules.ts';
import { readTarget, unclearTarget } from '../guard/target.ts';
import { byTurn } from '../kernel/by-turn.ts';
import type { Clock } from '../kernel/clock.ts';
import { sendProblem } from '../kernel/problem.http.ts';
import { refuse } from '../kernel/problem.ts';
import type { KeyUse } from '../keys/seen.ts';
import type { RequestNotes } from '../requests/requests.ts';
import { type Identity, identityFields } from './identity.ts';

interface Needs {
  readonly guard: Guard;
  readonly requests: RequestNotes;
  readonly rules: Pick<Rules, 'termsOf'>;
  readonly identity: Identity;
  readonly keyUse: KeyUse;
  readonly clock: Clock;
  readonly publicUrl: string;
  readonly trustedProxies: Config['trustedProxies'];
}

const prefix = '/forward-auth';

/** Adds `/forward-auth`, and what Envoy puts behind it, for any method. */
export function addForwardAuth(app: FastifyInstance, needs: Needs): void {
  const { guard, requests, rules, identity, keyUse, clock, publicUrl, trustedProxies } = needs;
  app.register(
    async (scope) => {
      // A proxy may send the type of a body that it keeps to itself.
      scope.removeAllContentTypeParsers();
      scope.addContentTypeParser('*', (_request, body, done) => {
        body.resume();
        done(null);
      });

      // Those of one turn are decided together, and share a round trip.
      const arrived = byTurn<() => void>((all) => {
        for (const next of all) next();
      });
      scope.addHook('onRequest', ({ socket }, _reply, next) => {
        // A socket that is asked for its peer knows it from then on, also when it was closed meanwhile.
        void socket.remoteAddress;
        arrived(next);
      });

      // No route: Fastify has them for some methods alone.
      scope.setNotFoundHandler(async (request, reply) => {
        const startedAt = performance.now();
        const { method, url } = originalOf(request, trustedProxies);
        const target = readTarget(url);
        if (target === undefined) return sendProblem(reply, publicUrl, refuse('bad_request', unclearTarget).problem);
        const address = clientAddress(request.socket.remoteAddress, forwardedFor(request.raw), trustedProxies);
        const { scope, cost, isFree } = rules.termsOf(method, target.path);
        // Nobody tells how the call ends: it is charged when it is let in.
        const authorization = authorizationFields(request.raw);
        const decision = await guard.decide({ authorization, address, scope, cost, isFree });
        reply.header('cache-control', 'no-store');
        requests.note(decision, {
          ...{ id: request.id, method, url: target.raw, address, cost: isFree ? 0 : cost },
          status: 200,
          durationMs: performance.now() - startedAt,
        });
        if (!decision.admitted) return sendRefusal(reply, publicUrl, decision);
        writeDecision(reply, decision);
        const { key, secretHash } = decision;
        keyUse.seen({ keyId: key.id, workspaceId: key.workspaceId, secretHash }, clock.now(), () => ({
          userAgent: request.headers['user-agent'],
          method,
          path: target.path,
          status: 200,
          address,
        }));
        return reply
          .code(200)
          .headers(await identityFields(identity, key, request.id))
          .send();
      });
    },
    { prefix },
  );
}

/** The call that a proxy asks for. */
function originalOf(request: FastifyRequest, trustedProxies: Config['trustedProxies']) {
  const { method, url } = request;
  if (!isTrusted(request.socket.remoteAddress, trustedProxies)) return { method, url };
  const behind = url.slice(prefix.length);
  return {
    // Traefik and Caddy say it so, and in our recipes nginx and HAProxy; Envoy asks with the call's own method and path.
    method: textOf(request.headers['x-forwarded-method']) ?? method,
    url: textOf(request.headers['x-forwarded-uri']) ?? (behind.startsWith('/') ? behind : url),
  };
}

function textOf(field: string | string[] | undefined): string | undefined {
  return typeof field === 'string' && field !== '' ? field : undefined;
}
