/**
 * Problems over HTTP: `application/problem+json`, the one shape of every error answer.
 *
 * @see RFC 9457, contract section 4
 */
import { problems } from '@gatekey/shared';
import type { FastifyReply } from 'fastify';
import type { Problem } from './problem.ts';

/** Members that a kind of problem adds, in snake_case. */
export type ProblemExtension = Readonly<Record<string, string | number>>;

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
  const { status, title } = problems[problem.code];
  return reply
    .code(status)
    .header('content-type', 'application/problem+json; charset=utf-8')
    .serializer(JSON.stringify)
    .send({
      type: `${publicUrl}/problems/${problem.code}`,
      title,
      status,
      detail: problem.detail,
      code: problem.code,
      request_id: reply.request.id,
      ...(problem.errors === undefined ? {} : { errors: problem.errors }),
      ...extension,
    });
}
