/** The guard's decision in the words of HTTP: the same header fields on every door. */
import type { IncomingMessage } from 'node:http';
import { policyName, problems, tellRateLimit } from '@gatekey/shared';
import type { FastifyReply } from 'fastify';
import { type ProblemExtension, problemBody, sendProblem } from '../kernel/problem.http.ts';
import type { Decision, Rejection } from './guard.ts';
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

/** What the head of an answer tells of a decision, its names in lower case. */
export function decisionFields(decision: Decision): Record<string, string> {
  const fields: Record<string, string> = {};
  tellDecision(decision, (name, value) => {
    fields[name] = value;
  });
  return fields;
}

/** Writes what the head of an answer tells of a decision. */
export function writeDecision(reply: FastifyReply, decision: Decision): void {
  tellDecision(decision, (name, value) => reply.header(name, value));
}

/** One field after another: every answer has them, and a list of pairs would be a dozen objects. */
function tellDecision(decision: Decision, tell: (name: string, value: string) => void): void {
  const { secretEndsAt, taken } = decision;
  tell('gatekey-decision', decision.admitted ? 'admitted' : decision.refusal.code);
  // Reminds whoever still sends the old secret of a rotation. RFC 9110 section 5.6.7: HTTP-date in whole seconds.
  if (secretEndsAt !== null) tell('gatekey-secret-expires', new Date(secretEndsAt).toUTCString());
  if (taken !== undefined) tellRateLimit(taken.states, taken.at, tell);
  if (decision.admitted) return;
  const { refusal } = decision;
  const challenge = challengeOf(refusal);
  if (challenge !== undefined) tell('www-authenticate', challenge);
  if (refusal.code === 'unavailable') tell('retry-after', '1');
  if (refusal.spent !== undefined) tell('retry-after', String(refusal.spent.retryAfterSeconds));
}

/** Sends the answer of a refused call. */
export function sendRefusal(reply: FastifyReply, publicUrl: string, decision: Rejection): FastifyReply {
  writeDecision(reply, decision);
  return sendProblem(reply, publicUrl, decision.refusal, extensionOf(decision.refusal));
}

/** The problem of a refused call as an object, for who answers it somewhere else. */
export function refusalBody({ refusal }: Rejection, publicUrl: string, requestId: string) {
  return problemBody(refusal, publicUrl, requestId, extensionOf(refusal));
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
