/** Verify: the guard for an API that stands elsewhere. */
import type { z } from 'zod';
import { decisionFields, refusalBody } from '../guard/answer.http.ts';
import { unknownAddress } from '../guard/client-address.ts';
import type { Decision, Guard } from '../guard/guard.ts';
import type { Clock } from '../kernel/clock.ts';
import { done } from '../kernel/problem.ts';
import type { KeyUse } from '../keys/seen.ts';
import * as examples from './examples.ts';
import { limitsOf } from './limits.ts';
import { type AddOperation, admitted, nothing } from './operation.ts';
import { Verification, VerifyKey } from './schemas.ts';

interface Needs {
  readonly guard: Guard;
  readonly keyUse: KeyUse;
  readonly clock: Clock;
  readonly publicUrl: string;
}

/** Adds the operation. */
export function addVerify(add: AddOperation, { guard, keyUse, clock, publicUrl }: Needs): void {
  add({
    method: 'POST',
    path: '/verify',
    id: 'verifyKey',
    tag: 'verify',
    summary: 'Ask whether a call may pass',
    description:
      'For the middleware of an API in any language: hands over the secret that a client sent, and is told whether the ' +
      'call may go on, what to set on the answer, and with a no what to answer. It is counted as a call of that key, as ' +
      'the key’s own call would be; asking is free. Always 200: the outcome is in `valid` and `code`. Keys of the own ' +
      'workspace are known, and with a key of the operator’s workspace those of the whole instance.',
    scope: 'keys:verify',
    isFree: true,
    query: nothing,
    body: VerifyKey,
    bodyExample: examples.verifyKey,
    answers: { 200: { description: 'The outcome.', schema: Verification, example: examples.verification } },
    async handle({ request, body: { secret, cost, scope, ip: address = unknownAddress, peek: isPeek } }) {
      const verifier = admitted(request).admission.key;
      const decision = await guard.verify({ secret, cost, scope, address, isPeek, verifier });
      // A call of the key that was asked for, not of the one that asks.
      if (decision.key !== undefined && !isPeek && request.noted !== null) {
        request.noted = { ...request.noted, decision, address, cost };
      }
      if (decision.admitted && !isPeek) {
        const { key, secretHash } = decision;
        const seen = { method: request.method, path: request.url, status: 200, address, userAgent: undefined };
        keyUse.seen({ keyId: key.id, workspaceId: key.workspaceId, secretHash }, clock.now(), () => seen);
      }
      return done({ status: 200, body: answerOf(decision, publicUrl, request.id) });
    },
  });
}

function answerOf(decision: Decision, publicUrl: string, requestId: string): z.infer<typeof Verification> {
  const { key, taken } = decision;
  const problem = decision.admitted ? null : refusalBody(decision, publicUrl, requestId);
  return {
    valid: decision.admitted,
    code: problem?.code ?? 'admitted',
    key_id: key?.id ?? null,
    workspace_id: key?.workspaceId ?? null,
    scopes: [...(key?.scopes ?? [])],
    metadata: key === undefined ? {} : JSON.parse(key.metadata),
    limits: taken === undefined ? [] : limitsOf(taken),
    status: problem?.status ?? 200,
    headers: decisionFields(decision),
    problem,
  };
}
