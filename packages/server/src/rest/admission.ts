/**
 * Admission: the guard before every call of a scope, unknown paths included, and its end told to whoever wants to know.
 *
 *   arrives -> its turn is read -> all of it is decided -> each goes on: its route, the API behind, or its refusal
 *   closes  -> the ends of a turn are noted
 *
 * Promises: no route can be added without it; one call's fault is not another's; a call is noted once, however it ends.
 * Two rounds for what a turn brought, first what is quick and ours, then what talks to sockets: decision 0013.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
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
import type { KeyUse } from '../keys/seen.ts';
import { clientLeft } from '../requests/entry.ts';
import type { RequestNotes } from '../requests/requests.ts';

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

export interface AdmissionNeeds {
  readonly guard: Guard;
  readonly requests: RequestNotes;
  readonly keyUse: KeyUse;
  /** undefined = what is not built in is not there. */
  readonly elsewhere: Elsewhere | undefined;
  /** What calls that go there cost and need. */
  readonly rules: Pick<Rules, 'termsOf'>;
  readonly clock: Clock;
  readonly publicUrl: string;
  readonly trustedProxies: Config['trustedProxies'];
  /** Answers a call that was let in to a path that there is not. */
  readonly refuseUnknown: (reply: FastifyReply) => unknown;
}

/** A call at the door, and the way to its route, or with an error to its end. */
interface Arrived {
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
  readonly next: (error?: Error) => void;
  /** Asked at once: of a socket that was closed meanwhile it is not known any more. */
  readonly peer: string | undefined;
}

/** What comes next for a call. */
type Step = () => unknown;

/** How a call ended, as it was at that moment. */
interface Ended {
  readonly reply: FastifyReply;
  readonly status: number;
  /** ms of the process's own clock. */
  readonly at: number;
}

/** Puts the guard before a scope. */
export function addAdmission(api: FastifyInstance, needs: AdmissionNeeds): void {
  const { guard, requests, keyUse, elsewhere, rules, clock, publicUrl, trustedProxies, refuseUnknown } = needs;
  api.decorateRequest('admitted', null);
  api.decorateRequest('noted', null);

  const noteEnd = ({ reply, status, at }: Ended): void => {
    const { id, method, url, headers, noted, admitted } = reply.request;
    if (noted === null) return;
    const { decision, address, cost, startedAt } = noted;
    const isGivenBack = decision.admitted && decision.settle !== undefined && !isCharged(status);
    requests.note(decision, {
      ...{ id, method, url, status, address },
      code: sentProblem(reply),
      durationMs: at - startedAt,
      cost: isGivenBack ? 0 : cost,
    });
    if (admitted === null) return;
    const { key, secretHash, settle } = admitted.admission;
    settle?.(isCharged(status));
    keyUse.seen({ keyId: key.id, workspaceId: key.workspaceId, secretHash }, clock.now(), () => ({
      userAgent: headers['user-agent'],
      method,
      path: url,
      status,
      address: admitted.address,
    }));
  };

  const ended = byTurn<Ended>((all) => {
    for (const one of all) noteEnd(one);
  });

  /** Decides on a call. @returns what comes next: its route, or its answer */
  const admit = ({ request, reply, next, peer }: Arrived): Soon<Step> => {
    const target = request.is404 && elsewhere !== undefined ? readTarget(request.url) : undefined;
    if (request.is404 && elsewhere !== undefined && target === undefined) {
      return () => sendProblem(reply, publicUrl, refuse('bad_request', unclearTarget).problem);
    }
    const address = clientAddress(peer, forwardedFor(request.raw), trustedProxies);
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
        noteEnd(endOf(reply));
        return nothingMore;
      }
      // It closes once, so it needs no `once`, which costs every call.
      reply.raw.on('close', () => ended(endOf(reply)));
      if (!decision.admitted) return () => sendRefusal(reply, publicUrl, decision);
      writeDecision(reply, decision);
      if (!request.is404) return next;
      // Before a body is read, which may be anything.
      if (elsewhere === undefined || !isElsewhere) return () => refuseUnknown(reply);
      return () => elsewhere.forward(request, reply, { admission: decision, address, target }).catch(next);
    });
  };

  const arrived = byTurn<Arrived>((all) => {
    for (const { one, step } of all.map((one) => ({ one, step: firstStep(one, admit) }))) {
      if (step instanceof Promise) step.then((then) => go(one, then), one.next);
      else go(one, step);
    }
  });
  // Called back, not awaited by Fastify: it would take an answer that is still being streamed for none.
  api.addHook('onRequest', (request, reply, next) => {
    arrived({ request, reply, next, peer: request.socket.remoteAddress });
  });
  // A connection says that it is closed after its turn, and what it ended is noted in the next: before the log closes.
  api.addHook('onClose', async () => {
    await nextTurn();
    await nextTurn();
  });
}

const nothingMore = () => {};

/** @returns where deciding throws, the way to the handler of errors */
function firstStep(one: Arrived, admit: (one: Arrived) => Soon<Step>): Soon<Step> {
  try {
    return admit(one);
  } catch (error) {
    return () => one.next(asError(error));
  }
}

function go({ next }: Arrived, step: Step): void {
  try {
    step();
  } catch (error) {
    next(asError(error));
  }
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}

function endOf(reply: FastifyReply): Ended {
  const { headersSent, statusCode } = reply.raw;
  return { reply, status: headersSent ? statusCode : clientLeft, at: performance.now() };
}

/** What is not charged on a 5xx is charged when its client leaves: whoever asks has had the work done. */
const isCharged = (status: number) => status < 500;

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
