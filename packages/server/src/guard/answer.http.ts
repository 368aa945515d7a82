/** The guard's decision in the words of HTTP: the same header fields on every door. */
import type { IncomingMessage } from 'node:http';
import { type HeaderPairs, policyName, problems, rateLimitHeaders } from '@gatekey/shared';
import type { FastifyReply } from 'fastify';
import { type ProblemExtension, sendProblem } from '../kernel/problem.http.ts';
import type { Admission, Rejection } from './guard.ts';
import type { Refusal } from './refusal.ts';

/** How a refusal is told to HTTP clients. @see RFC 6750 section 3 */
const challenges: Readonly<Partial<Record<Refusal['code'], string>>> = {
  key_missing: 'Bearer realm="gatekey"',
  credential_ambiguous: 'Bearer realm="gatekey", error="invalid_request"',
  scope_missing: 'Bearer realm="gatekey", error="insufficient_scope"',
};
const invalidToken = 'Bearer realm="gatekey", error="invalid_token"';

/** The values of every `Authorization` field, which Node would otherwise cut down to the first. */
export function authorizationFields({ rawHeaders }: IncomingMessage): string[] {
  const fields: string[] = [];
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = rawHeaders[i];
    if (name?.length === 13 && name.toLowerCase() === 'authorization') fields.push(rawHeaders[i + 1] ?? '');
  }
  return fields;
}

/** Writes the fields of an admitted answer. */
export function writeAdmitted(reply: FastifyReply, { taken, secretEndsAt }: Admission): void {
  reply.header('gatekey-decision', 'admitted');
  writeSecretEnd(reply, secretEndsAt);
  writeAll(reply, rateLimitHeaders(taken.states, taken.at));
}

/** Sends the answer of a refused call. */
export function sendRefusal(
  reply: FastifyReply,
  publicUrl: string,
  { refusal, secretEndsAt, taken }: Rejection,
): FastifyReply {
  reply.header('gatekey-decision', refusal.code);
  writeSecretEnd(reply, secretEndsAt);
  if (taken !== undefined) writeAll(reply, rateLimitHeaders(taken.states, taken.at));
  const challenge = challengeOf(refusal);
  if (challenge !== undefined) reply.header('www-authenticate', challenge);
  if (refusal.code === 'unavailable') reply.header('retry-after', '1');
  if (refusal.spent !== undefined) reply.header('retry-after', String(refusal.spent.retryAfterSeconds));
  return sendProblem(reply, publicUrl, refusal, extensionOf(refusal));
}

function challengeOf(refusal: Refusal): string | undefined {
  const challenge = challenges[refusal.code] ?? (problems[refusal.code].status === 401 ? invalidToken : undefined);
  return refusal.scope === undefined ? challenge : `${challenge}, scope="${refusal.scope}"`;
}

function extensionOf({ spent }: Refusal): ProblemExtension {
  if (spent === undefined) return {};
  return {
    window: policyName(spent.limit),
    limit: spent.limit.quota,
    resets_at: new Date(spent.limit.resetsAt).toISOString(),
    retry_after: spent.retryAfterSeconds,
  };
}

/** Reminds whoever still sends the old secret of a rotation. @see RFC 9110 section 5.6.7, HTTP-date in whole seconds */
function writeSecretEnd(reply: FastifyReply, endsAt: number | null): void {
  if (endsAt !== null) reply.header('gatekey-secret-expires', new Date(endsAt).toUTCString());
}

function writeAll(reply: FastifyReply, headers: HeaderPairs): void {
  for (const [name, value] of headers) reply.header(name, value);
}
