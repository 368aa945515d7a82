/**
 * Problems over HTTP: `application/problem+json`, the one shape of every error answer.
 *
 * @see RFC 9457, contract section 4
 */
import { STATUS_CODES } from 'node:http';
import { type ProblemCode, problems } from '@gatekey/shared';
import type { FastifyReply } from 'fastify';
import type { Problem } from './problem.ts';

const contentType = 'application/problem+json; charset=utf-8';

/** Members that some problems add. */
export interface ProblemExtension {
  readonly window?: string;
  readonly limit?: number;
  readonly resets_at?: string;
  /** Seconds. */
  readonly retry_after?: number;
}

/** Of answers that are problems; it goes with them. */
const codes = new WeakMap<FastifyReply, ProblemCode>();

/** The code of the problem that was sent as the answer; undefined where it is none. */
export function sentProblem(reply: FastifyReply): ProblemCode | undefined {
  return codes.get(reply);
}

/**
 * Sends a problem as the answer.
 *
 * @param publicUrl  where `type` points to: a page of this instance that explains the code
 */
export function sendProblem(
  reply: FastifyReply,
  publicUrl: string,
  problem: Problem,
  extension: ProblemExtension = {},
): FastifyReply {
  codes.set(reply, problem.code);
  return reply
    .code(problems[problem.code].status)
    .header('content-type', contentType)
    .serializer(JSON.stringify)
    .send(problemBody(problem, publicUrl, reply.request.id, extension));
}

/** The whole answer to what could not be read as a request, and the end of its connection. */
export function problemAnswer(publicUrl: string, problem: Problem, requestId: string): string {
  const { status } = problems[problem.code];
  const body = JSON.stringify(problemBody(problem, publicUrl, requestId));
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    `Content-Type: ${contentType}`,
    `Content-Length: ${Buffer.byteLength(body)}`,
    `Request-Id: ${requestId}`,
    'X-Content-Type-Options: nosniff',
    'Connection: close',
  ];
  return `${head.join('\r\n')}\r\n\r\n${body}`;
}

/** A problem as the object that is sent. */
export function problemBody(problem: Problem, publicUrl: string, requestId: string, extension: ProblemExtension = {}) {
  const { status, title } = problems[problem.code];
  return {
    type: `${publicUrl}/problems/${problem.code}`,
    title,
    status,
    detail: problem.detail,
    code: problem.code,
    request_id: requestId,
    ...(problem.errors === undefined ? {} : { errors: [...problem.errors] }),
    ...extension,
  };
}
