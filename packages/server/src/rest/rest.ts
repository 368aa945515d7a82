/**
 * REST: `/api/v1`, all of it behind the guard.
 *
 *   request -> guard -> route, or the API behind -> answer, then the key's last use in the background
 *
 * The guard is a hook of the whole scope (`admission.ts`), unknown paths included: no route can be added without it.
 */
import type { FastifyInstance, FastifyReply } from 'fastify';
import type { Audit } from '../audit/audit.ts';
import { sendProblem } from '../kernel/problem.http.ts';
import { refuse } from '../kernel/problem.ts';
import type { Keys } from '../keys/keys.ts';
import type { KeyList } from '../keys/list.ts';
import type { History } from '../metering/history.ts';
import type { Deliveries } from '../webhooks/deliveries.ts';
import type { Endpoints } from '../webhooks/endpoints.ts';
import type { WebhookList } from '../webhooks/list.ts';
import { type AdmissionNeeds, addAdmission } from './admission.ts';
import { addAudit } from './audit.ts';
import { addKeys } from './keys.ts';
import { addLimits } from './limits.ts';
import { addOpenApi } from './openapi.ts';
import { type AddOperation, type Description, serve } from './operation.ts';
import { addUsage } from './usage.ts';
import { addVerify } from './verify.ts';
import { addWebhooks } from './webhooks.ts';

interface Needs extends Omit<AdmissionNeeds, 'refuseUnknown'> {
  readonly keys: Keys;
  readonly keyList: KeyList;
  readonly history: History;
  readonly audit: Audit;
  readonly endpoints: Endpoints;
  readonly deliveries: Deliveries;
  readonly webhookList: WebhookList;
  /** Where its OpenAPI document is; undefined = the operator names none. */
  readonly upstreamDocumentUrl: string | undefined;
}

/** Adds the routes below `/api/v1`. */
export function addRest(app: FastifyInstance, needs: Needs): void {
  const { guard, keys, keyList, history, audit, keyUse, clock, publicUrl } = needs;
  const described: Description[] = [];
  addOpenApi(app, described, needs);
  app.register(
    async (api) => {
      takeJsonAlone(api);
      addAdmission(api, { ...needs, refuseUnknown: (reply) => refuseUnknown(reply, publicUrl, described) });

      // Makes unknown paths below the prefix this scope's own.
      api.setNotFoundHandler((_request, reply) => refuseUnknown(reply, publicUrl, described));

      const add: AddOperation = (operation) => {
        described.push(operation);
        serve(api, publicUrl, operation);
      };
      addKeys(add, { keys, keyList });
      addUsage(add, { history });
      addWebhooks(add, needs);
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
  const path = decodeURI(reply.request.url.split(/[?#]/, 1)[0] ?? '');
  const taken = described.filter((one) => new RegExp(`^/api/v1${one.path.replace(':id', '[^/]+')}$`).test(path));
  if (taken.length === 0) return sendProblem(reply, publicUrl, refuse('not_found', 'There is no such path.').problem);
  const methods = taken.flatMap(({ method }) => (method === 'GET' ? ['GET', 'HEAD'] : [method]));
  return sendProblem(reply.header('allow', methods.join(', ')), publicUrl, refuse('method_not_allowed').problem);
}
