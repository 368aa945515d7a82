/**
 * REST: `/api/v1`, all of it behind the guard.
 *
 *   request -> guard -> route, or the API behind -> answer, then the key's last use in the background
 *
 * The guard is a hook of the whole scope, unknown paths included: no route can be added without it.
 */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Audit } from '../audit/audit.ts';
import type { Config } from '../config.ts';
import { authorizationFields, sendRefusal, writeDecision } from '../guard/answer.http.ts';
import { clientAddress, forwardedFor } from '../guard/client-address.ts';
import type { Admission, Guard } from '../guard/guard.ts';
import type { Rules, Terms } from '../guard/rules.ts';
import { readTarget, type Target, unclearTarget } from '../guard/target.ts';
import { byTurn } from '../kernel/by-turn.ts';
import type { Clock } from '../kernel/clock.ts';
import { sendProblem, sentProblem } from '../kernel/problem.http.ts';
import { refuse } from '../kernel/problem.ts';
import { andThen, type Soon } from '../kernel/soon.ts';
import type { Keys } from '../keys/keys.ts';
import type { KeyList } from '../keys/list.ts';
import type { KeyUse } from '../keys/seen.ts';
import type { History } from '../metering/history.ts';
import { clientLeft } from '../requests/entry.ts';
import type { RequestNotes } from '../requests/requests.ts';
import type { Deliveries } from '../webhooks/deliveries.ts';
import type { Endpoints } from '../webhooks/endpoints.ts';
import type { WebhookList } from '../webhooks/list.ts';
import { addAudit } from './audit.ts';
import { addKeys } from './keys.ts';
import { addLimits } from './limits.ts';
import { addOpenApi } from './openapi.ts';
import { type AddOperation, type Description, type Noted, serve } from './operation.ts';
import { addUsage } from './usage.ts';
import { addVerify } from './verify.ts';
import { addWebhooks } from './webhooks.ts';

/** What stands behind the guard beside the built-in paths. */
export interface Elsewhere {
  /** Answers a call that was let in. Its body is not read yet. */
  forward(request: FastifyRequest, reply: FastifyReply, passing: Passing): Promise<void>;
}

interface Passing {
  readonly admission: Admission;
  /** Canonical text of the client's address. */
  readonly address: string;
  readonly target: Target;
}

interface Needs {
  readonly guard: Guard;
  readonly requests: RequestNotes;
  readonly keys: Keys;
  readonly keyList: KeyList;
  readonly history: History;
  readonly audit: Audit;
  readonly endpoints: Endpoints;
  readonly deliveries: Deliveries;
  readonly webhookList: WebhookList;
  readonly keyUse: KeyUse;
  /** undefined = what is not built in is not there. */
  readonly elsewhere: Elsewhere | undefined;
  /** Where its OpenAPI document is; undefined = the operator names none. */
  readonly upstreamDocumentUrl: string | undefined;
  /** What calls that go there cost and need. */
  readonly rules: Pick<Rules, 'termsOf'>;
  readonly clock: Clock;
  readonly publicUrl: string;
  readonly trustedProxies: Config['trustedProxies'];
}

/** Adds the routes below `/api/v1`. */
export function addRest(app: FastifyInstance, needs: Needs): void {
  const { guard, requests, keys, keyList, history, audit, keyUse, elsewhere, rules, clock, publicUrl, trustedProxies } =
    needs;
  const described: Description[] = [];
  addOpenApi(app, described, needs);
  app.register(
    async (api) => {
      api.decorateRequest('admitted', null);
      api.decorateRequest('noted', null);
      takeJsonAlone(api);

      /** Tells of the end of a call whoever wants to know. */
      const end = (request: FastifyRequest, reply: FastifyReply) => {
        if (request.noted === null) return;
        const status = reply.raw.headersSent ? reply.raw.statusCode : clientLeft;
        noteEnd(requests, request.noted, reply, status);
        if (request.admitted === null) return;
        const { admission, address } = request.admitted;
        const { key, secretHash, settle } = admission;
        settle?.(isCharged(status));
        keyUse.seen({ keyId: key.id, workspaceId: key.workspaceId, secretHash }, clock.now(), () => ({
          userAgent: request.headers['user-agent'],
          method: request.method,
          path: request.url,
          status,
          address,
        }));
      };

      const ended = byTurn<FastifyReply>((all) => {
        for (const reply of all) end(reply.request, reply);
      });

      /** Decides on a call. @returns what comes next: its route, or its answer */
      const admit = ({ request, reply, next }: Arrived): Soon<Step> => {
        const target = request.is404 && elsewhere !== undefined ? readTarget(request.url) : undefined;
        if (request.is404 && elsewhere !== undefined && target === undefined) {
          return () => sendProblem(reply, publicUrl, refuse('bad_request', unclearTarget).problem);
        }
        const address = clientAddress(request.socket.remoteAddress, forwardedFor(request.raw), trustedProxies);
        const authorization = authorizationFields(request.raw);
        const isElsewhere = target !== undefined && !isBuiltIn(target);
        const terms: Terms = isElsewhere ? rules.termsOf(request.method, target.path) : request.routeOptions.config;
        const { scope, cost, isFree, isReserved } = terms;
        const startedAt = performance.now();
        return andThen(guard.decide({ authorization, address, scope, cost, isFree, isReserved }), (decision) => {
          request.noted = { decision, address, cost: isFree ? 0 : (cost ?? 1), startedAt };
          if (decision.admitted) request.admitted = { admission: decision, address };
          // However it ends, also by a client that leaves: Fastify's own hook hears only of what was sent whole.
          if (reply.raw.destroyed) {
            reply.hijack();
            end(request, reply);
            return nothingMore;
          }
          // It closes once, so it needs no `once`, which costs every call.
          reply.raw.on('close', () => ended(reply));
          if (!decision.admitted) return () => sendRefusal(reply, publicUrl, decision);
          writeDecision(reply, decision);
          if (!request.is404) return next;
          // Before a body is read, which may be anything.
          if (elsewhere === undefined || !isElsewhere) return () => refuseUnknown(reply, publicUrl, described);
          return () => elsewhere.forward(request, reply, { admission: decision, address, target }).catch(next);
        });
      };

      const arrived = byTurn<Arrived>((all) => {
        const steps = all.map((one) => stepOf(one, admit));
        for (const [index, step] of steps.entries()) {
          if (step instanceof Promise) step.then((then) => then(), all[index]?.next);
          else step();
        }
      });
      // Called back, not awaited by Fastify: it would take an answer that is still being streamed for none.
      api.addHook('onRequest', (request, reply, next) => arrived({ request, reply, next }));

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

/** What is to be done with a call when all of its turn are decided. */
type Step = () => unknown;

/** A call at the door, and the way to its route, or with an error to its end. */
interface Arrived {
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
  readonly next: (error?: Error) => void;
}

const nothingMore = () => {};

/** One call's fault is not another's: where deciding throws, it goes to the handler of errors. */
function stepOf(one: Arrived, admit: (one: Arrived) => Soon<Step>): Soon<Step> {
  try {
    return admit(one);
  } catch (error) {
    return () => one.next(error instanceof Error ? error : new Error(String(error)));
  }
}

/** What is not charged on a 5xx is charged when its client leaves: whoever asks has had the work done. */
const isCharged = (status: number) => status < 500;

function noteEnd(requests: RequestNotes, noted: Noted, reply: FastifyReply, status: number): void {
  const { decision, address, cost, startedAt } = noted;
  const { id, method, url } = reply.request;
  const isGivenBack = decision.admitted && decision.settle !== undefined && !isCharged(status);
  requests.note(decision, {
    id,
    method,
    url,
    status,
    code: sentProblem(reply),
    address,
    durationMs: performance.now() - startedAt,
    cost: isGivenBack ? 0 : cost,
  });
}

/** First words of paths that are ours, whatever follows and with any method. @see contract section 8 */
const builtIn: ReadonlySet<string> = new Set([
  'ping',
  'limits',
  'keys',
  'usage',
  'audit-events',
  'webhooks',
  'deliveries',
  'verify',
  'openapi.json',
]);

function isBuiltIn({ path }: Target): boolean {
  const [, , , word] = path.split('/');
  return word === undefined || builtIn.has(word);
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
