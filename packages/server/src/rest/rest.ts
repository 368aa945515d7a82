/**
 * REST: `/api/v1`, all of it behind the guard.
 *
 *   request -> guard -> route -> answer, then the key's last use in the background
 *
 * The guard is a hook of the whole scope, unknown paths included: no route can be added without it.
 */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Audit } from '../audit/audit.ts';
import type { Config } from '../config.ts';
import { authorizationFields, sendRefusal, writeDecision } from '../guard/answer.http.ts';
import { clientAddress } from '../guard/client-address.ts';
import type { Guard } from '../guard/guard.ts';
import type { Clock } from '../kernel/clock.ts';
import { sendProblem } from '../kernel/problem.http.ts';
import { refuse } from '../kernel/problem.ts';
import type { Keys } from '../keys/keys.ts';
import type { KeyList } from '../keys/list.ts';
import type { KeyUse } from '../keys/seen.ts';
import type { History } from '../metering/history.ts';
import { addAudit } from './audit.ts';
import { addKeys } from './keys.ts';
import { addLimits } from './limits.ts';
import { addOpenApi } from './openapi.ts';
import { type AddOperation, type Description, serve } from './operation.ts';
import { addUsage } from './usage.ts';
import { addVerify } from './verify.ts';

interface Needs {
  readonly guard: Guard;
  readonly keys: Keys;
  readonly keyList: KeyList;
  readonly history: History;
  readonly audit: Audit;
  readonly keyUse: KeyUse;
  readonly clock: Clock;
  readonly publicUrl: string;
  readonly trustedProxies: Config['trustedProxies'];
}

/** Adds the routes below `/api/v1`. */
export function addRest(app: FastifyInstance, needs: Needs): void {
  const { guard, keys, keyList, history, audit, keyUse, clock, publicUrl, trustedProxies } = needs;
  const described: Description[] = [];
  addOpenApi(app, publicUrl, described);
  app.register(
    async (api) => {
      api.decorateRequest('admitted', null);
      takeJsonAlone(api);

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
        writeDecision(reply, decision);
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

      // Before a body is read, which may be anything.
      api.addHook('onRequest', async (request, reply) =>
        request.is404 ? refuseUnknown(reply, publicUrl, described) : undefined,
      );
      // Makes unknown paths below the prefix this scope's own.
      api.setNotFoundHandler((_request, reply) => refuseUnknown(reply, publicUrl, described));

      const add: AddOperation = (operation) => {
        described.push(operation);
        serve(api, publicUrl, operation);
      };
      addKeys(add, { keys, keyList });
      addUsage(add, { history });
      addAudit(add, { audit });
      addLimits(add, { clock });
      addVerify(add, { guard, keyUse, clock, publicUrl });
    },
    { prefix: '/api/v1' },
  );
}

/** Bodies are JSON, anything else is a 415. An empty one is none, for clients that always name a type. */
function takeJsonAlone(api: FastifyInstance): void {
  const parse = api.getDefaultJsonParser('error', 'error');
  api.removeAllContentTypeParsers();
  api.addContentTypeParser<string>('application/json', { parseAs: 'string' }, (request, body, done) =>
    body === '' ? done(null, undefined) : parse(request, body, done),
  );
}

/** The no to a path that there is not: or to its method, with those that it takes. */
function refuseUnknown(reply: FastifyReply, publicUrl: string, described: readonly Description[]): FastifyReply {
  const path = decodeURI(reply.request.url.split('?', 1)[0] ?? '');
  const taken = described.filter((one) => new RegExp(`^/api/v1${one.path.replace(':id', '[^/]+')}$`).test(path));
  if (taken.length === 0) return sendProblem(reply, publicUrl, refuse('not_found', 'There is no such path.').problem);
  const methods = taken.flatMap(({ method }) => (method === 'GET' ? ['GET', 'HEAD'] : [method]));
  return sendProblem(reply.header('allow', methods.join(', ')), publicUrl, refuse('method_not_allowed').problem);
}

function forwardedFor({ headers }: FastifyRequest): string | undefined {
  const field = headers['x-forwarded-for'];
  return Array.isArray(field) ? field.join(',') : field;
}
