/**
 * HTTP: the Fastify instance that every door is added to, and what holds on all of them: request ids, security headers,
 * and errors as problems.
 */

import type { ProblemCode } from '@gatekey/shared';
import fastify, { type FastifyError, type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import type { NewId } from './kernel/id.ts';
import type { Listener } from './kernel/listener.http.ts';
import type { Log } from './kernel/log.ts';
import { problemAnswer, sendProblem } from './kernel/problem.http.ts';
import { refuse } from './kernel/problem.ts';

const largestBodyBytes = 100 * 1024;

interface Needs {
  readonly listener: Listener;
  readonly log: Log;
  readonly newId: NewId;
  readonly publicUrl: string;
  /** Answers what no door knows; tells whether it did. */
  readonly fallback: (request: FastifyRequest, reply: FastifyReply) => boolean;
}

export interface Http {
  /** What doors add their routes to. */
  readonly app: FastifyInstance;
  /** Takes requests from the listener from now on; until then it answers as a server that starts. */
  open(): Promise<void>;
}

/** Makes the instance on the listener's server. */
export function createHttp({ listener, log, newId, publicUrl, fallback }: Needs): Http {
  const isHttps = publicUrl.startsWith('https:');
  let serve = () => {};
  const app = fastify({
    bodyLimit: largestBodyBytes,
    genReqId: () => newId('request'),
    // A path that cannot be decoded reaches no hook: what those do for all others is done here.
    frameworkErrors: (error, request, reply) => {
      writeHeadersOfAll(request, reply, isHttps);
      sendProblem(reply, publicUrl, refuse('bad_request', error.message).problem);
    },
    clientErrorHandler: (error, socket) => {
      if (socket.writable && error.code !== 'ECONNRESET') {
        const { problem } = refuse('bad_request', 'This is no HTTP/1.1 request, or not all of one.');
        socket.write(problemAnswer(publicUrl, problem, newId('request')));
      }
      socket.destroy();
    },
    serverFactory: (handler) => {
      serve = () => listener.serve(handler);
      return listener.server;
    },
  });

  app.addHook('onRequest', (request, reply, next) => {
    writeHeadersOfAll(request, reply, isHttps);
    next();
  });

  app.setErrorHandler<FastifyError>((error, request, reply) => {
    const code = codeOf(error);
    if (code === 'internal_error') log.error({ err: error, requestId: request.id }, 'a request failed');
    // Fastify's own words for a broken body or URL are made for the caller; those of our faults are not.
    return sendProblem(reply, publicUrl, refuse(code, code === 'bad_request' ? error.message : undefined).problem);
  });

  app.setNotFoundHandler((request, reply) => {
    if (fallback(request, reply)) return;
    sendProblem(reply, publicUrl, refuse('not_found', 'There is no such path or method.').problem);
  });
  return {
    app,
    async open() {
      await app.ready();
      serve();
    },
  };
}

/** What every answer carries. Which scripts may run, the page of the console says itself. */
function writeHeadersOfAll({ id, url }: FastifyRequest, reply: FastifyReply, isHttps: boolean): void {
  reply.header('request-id', id);
  reply.header('x-content-type-options', 'nosniff');
  reply.header('referrer-policy', 'no-referrer');
  reply.header('x-frame-options', 'DENY');
  if (isHttps) reply.header('strict-transport-security', 'max-age=31536000');
  // For browsers; programs are spared them.
  if (url.startsWith('/api/v1/')) return;
  reply.header('content-security-policy', "frame-ancestors 'none'");
  reply.header('cross-origin-opener-policy', 'same-origin');
  reply.header('cross-origin-resource-policy', 'same-origin');
}

function codeOf({ statusCode = 500 }: FastifyError): ProblemCode {
  if (statusCode === 413) return 'payload_too_large';
  if (statusCode === 415) return 'unsupported_media_type';
  if (statusCode === 404) return 'not_found';
  return statusCode >= 400 && statusCode < 500 ? 'bad_request' : 'internal_error';
}
