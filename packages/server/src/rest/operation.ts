/**
 * Operation: one method of one path, described once: as it is served, and as the OpenAPI document tells of it.
 *
 *   request -> guard -> query, body, idempotency key read against their schemas -> handle -> answer or problem
 */
import type { Readable } from 'node:stream';
import type { ManagementScope, ProblemCode } from '@gatekey/shared';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { KeyActor } from '../accounts/actor.ts';
import type { Admission, Decision } from '../guard/guard.ts';
import { type Read, readInput } from '../kernel/input.ts';
import { sendProblem } from '../kernel/problem.http.ts';
import { type FieldError, type Outcome, type Problem, refuseInput } from '../kernel/problem.ts';
import type { Soon } from '../kernel/soon.ts';
import { IdempotencyKey } from '../keys/key-input.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** The scope that a key needs for the route. */
    scope?: string | undefined;
    /** Counts nothing and answers even when a limit is spent. */
    isFree?: boolean | undefined;
  }
  interface FastifyRequest {
    /** What the guard let in; null before it decided, and where it refused. */
    admitted: { readonly admission: Admission; readonly address: string } | null;
    /** null before the guard decided. */
    noted: Noted | null;
  }
}

/** The call that is told to the request log when it has ended. */
export interface Noted {
  readonly decision: Decision;
  readonly address: string;
  /** As how many calls it counts. */
  readonly cost: number;
  /** When the guard was asked, ms of the process's own clock. */
  readonly startedAt: number;
}

/** What is told of an answer. */
interface AnswerDescription {
  readonly description: string;
  /** One of the named schemas in `schemas.ts`; none where there is no body. */
  readonly schema?: z.ZodType;
  readonly example?: unknown;
  /** What else the same may come as, by media type, with an example. */
  readonly alsoAs?: Readonly<Record<string, string>>;
  /** The fields of its head beside those of every answer, by their names in `openapi-answers.ts`. */
  readonly headers?: readonly string[];
}

/** What is told of an operation. */
export interface Description {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  /** Below `/api/v1`. */
  readonly path: `/${string}`;
  /** The name of the same operation in GraphQL, where it has one. */
  readonly id: string;
  readonly tag: 'keys' | 'usage' | 'webhooks' | 'audit' | 'client' | 'verify';
  readonly summary: string;
  readonly description?: string;
  readonly scope?: ManagementScope;
  readonly isFree?: boolean;
  readonly query: z.ZodType;
  /** `nothing`, or one of the named schemas in `schemas.ts`. */
  readonly body: z.ZodType;
  readonly bodyExample?: unknown;
  readonly takesIdempotencyKey?: boolean;
  readonly answers: Readonly<Record<number, AnswerDescription>>;
  /** Beside those of the guard, and those that follow from what it takes. */
  readonly problems?: readonly ProblemCode[];
}

/** What an operation takes that takes nothing. */
export const nothing = z.unknown();

/** A call, read. */
export interface Call<Query, Body> {
  readonly request: FastifyRequest;
  readonly actor: KeyActor;
  /** From the path; empty where there is none. */
  readonly id: string;
  readonly query: Query;
  readonly body: Body;
  readonly idempotencyKey: string | undefined;
}

/** An answer that is no problem. */
export interface Answer {
  readonly status: number;
  /** An object becomes JSON. */
  readonly body?: object | Readable;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface Operation<Query, Body> extends Description {
  readonly query: z.ZodType<Query>;
  readonly body: z.ZodType<Body>;
  readonly handle: (call: Call<Query, Body>) => Soon<Outcome<Answer>>;
}

export type AddOperation = <Query, Body>(operation: Operation<Query, Body>) => void;

/** Serves an operation in a scope that the guard stands before. */
export function serve<Query, Body>(api: FastifyInstance, publicUrl: string, operation: Operation<Query, Body>): void {
  const { method, path: url, scope, isFree, handle } = operation;
  // What most calls of a path send is read once for all of them.
  const nothingSent = { query: readInput(operation.query, {}), body: readInput(operation.body, {}) };
  api.route<{ Params: { id?: string } }>({
    method,
    url,
    config: { scope, isFree },
    handler: (request, reply) => {
      const read = readCall(operation, request, nothingSent);
      if (!read.ok) return void sendProblem(reply, publicUrl, refuseInput(read.errors).problem);
      const { query, body, idempotencyKey } = read.value;
      const id = request.params.id ?? '';
      const outcome = handle({ request, actor: actorOf(request), id, query, body, idempotencyKey });
      // Fastify waits for a reply that it is given; what was sent at once needs no waiting for.
      if (outcome instanceof Promise) return outcome.then((later) => answer(reply, publicUrl, later));
      answer(reply, publicUrl, outcome);
    },
  });
}

/** What the guard let in. @throws where the guard did not stand before */
export function admitted({ admitted }: FastifyRequest): NonNullable<FastifyRequest['admitted']> {
  if (admitted === null) throw new Error('a guarded route ran without the guard');
  return admitted;
}

function actorOf(request: FastifyRequest): KeyActor {
  const { admission, address } = admitted(request);
  const { key } = admission;
  return { kind: 'key', keyId: key.id, workspaceId: key.workspaceId, scopes: key.scopes, address };
}

const unnamed: Read<undefined> = { ok: true, value: undefined };

type Parts<Query, Body> = Pick<Call<Query, Body>, 'query' | 'body' | 'idempotencyKey'>;

/** All that the caller sent, or every mistake in it. @param nothingSent  what comes of a call that sends nothing */
function readCall<Query, Body>(
  operation: Operation<Query, Body>,
  request: FastifyRequest,
  nothingSent: { readonly query: Read<Query>; readonly body: Read<Body> },
): Read<Parts<Query, Body>> {
  const query = request.url.includes('?') ? readInput(operation.query, request.query) : nothingSent.query;
  // Left out it is the same as empty: what it lacks is named.
  const body = request.body === undefined ? nothingSent.body : readInput(operation.body, request.body);
  const name = operation.takesIdempotencyKey
    ? readInput(IdempotencyKey.optional(), request.headers['idempotency-key'])
    : unnamed;
  if (query.ok && body.ok && name.ok) {
    return { ok: true, value: { query: query.value, body: body.value, idempotencyKey: name.value } };
  }
  const errors: FieldError[] = [query, body].flatMap((part) => (part.ok ? [] : part.errors));
  if (!name.ok) errors.push(...name.errors.map((error) => ({ ...error, path: 'Idempotency-Key' })));
  return { ok: false, errors };
}

/** A problem of a room, its fields called as the client calls them. */
function inSnakeCase(problem: Problem): Problem {
  if (problem.errors === undefined) return problem;
  const rename = (name: string) => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
  // Only the first word is ours: what comes after it may be the client's own.
  return {
    ...problem,
    errors: problem.errors.map((error) => ({ ...error, path: error.path.replace(/^[^.]+/, rename) })),
  };
}

function answer(reply: FastifyReply, publicUrl: string, outcome: Outcome<Answer>): FastifyReply {
  if (!outcome.ok) return sendProblem(reply, publicUrl, inSnakeCase(outcome.problem));
  const { status, body, headers } = outcome.value;
  if (headers !== undefined) reply.headers(headers);
  return reply.code(status).send(body);
}
