/**
 * Entry: a guarded call of a known key, as it ended.
 *
 *   Decision + what was answered -> LoggedRequest -> text in a store and back
 *
 * Promises: no value of a query, no body, no header and no secret is in it, and it is bounded. Pure.
 */
import { type LimitSubject, type ProblemCode, parseAddress, problems, type WindowKind } from '@gatekey/shared';
import { z } from 'zod';
import type { Decision, Rejection } from '../guard/guard.ts';
import { type AllowlistOwner, closedList } from '../guard/standing.ts';
import { redact } from '../kernel/log.ts';
import { statusOf } from '../keys/key.ts';
import type { KnownKey } from '../keys/lookup.ts';

/** Why the guard said no, in facts of that moment; each is there where the code has it. */
export interface RefusalFacts {
  /** The scope that the key lacked. */
  readonly scope?: string | undefined;
  /** The spent limit that reset last; `resetsAt` in epoch ms. */
  readonly limit?: SpentLimit | undefined;
  /** Whose allowlist did not have the address. */
  readonly list?: AllowlistOwner | undefined;
  /** Since when the key was expired, disabled or revoked, epoch ms. */
  readonly since?: number | undefined;
}

export interface SpentLimit {
  readonly subject: LimitSubject;
  readonly window: WindowKind;
  readonly quota: number;
  readonly resetsAt: number;
}

export interface LoggedRequest {
  /** `req_…`, as the answer's `Request-Id` says. */
  readonly id: string;
  /** When it ended, epoch ms. */
  readonly at: number;
  readonly method: string;
  /** With the names of its query, and without their values. */
  readonly path: string;
  /** What the client was told. */
  readonly status: number;
  /** Of a problem that this server answered with; null for other answers. */
  readonly code: ProblemCode | null;
  /** null where the guard let it in. */
  readonly refusal: RefusalFacts | null;
  readonly keyId: string;
  /** Canonical text of the client's address. */
  readonly address: string;
  readonly durationMs: number;
  /** As how many calls it counts; 0 where it counts none. */
  readonly cost: number;
}

/** How a call ended, as its door knows it. */
export interface Answered {
  /** `req_…` */
  readonly id: string;
  readonly method: string;
  /** The target as it came. */
  readonly url: string;
  /** Of a call that was let in; a refused one has that of its refusal. */
  readonly status: number;
  readonly code?: ProblemCode | undefined;
  readonly address: string;
  readonly durationMs: number;
  /** As how many calls it counts when it is let in; 1 unless told. */
  readonly cost?: number | undefined;
}

/** The status of a call whose client left before it was answered: none of HTTP, and what proxies write for it. */
export const clientLeft = 499;

const longestMethod = 16;
const longestPath = 256;
/** Of a longer query the end is not looked at. */
const mostOfQuery = 1_024;

/** The entry of a call. @param key  whose it was @param at  epoch ms */
export function entryOf(decision: Decision, key: KnownKey, answered: Answered, at: number): LoggedRequest {
  const { id, method, url, status, code, address, durationMs, cost = 1 } = answered;
  return {
    id,
    at,
    method: method.slice(0, longestMethod),
    path: tellablePath(url),
    status: decision.admitted ? status : problems[decision.refusal.code].status,
    code: decision.admitted ? (code ?? null) : decision.refusal.code,
    refusal: decision.admitted ? null : factsOf(decision, key, address, at),
    keyId: key.id,
    address,
    durationMs: Math.round(durationMs * 10) / 10,
    cost: decision.admitted ? cost : 0,
  };
}

/** `/orders?page=2&secret=x` as `/orders?page=…&secret=…`; without what looks like a secret, and bounded. */
export function tellablePath(url: string): string {
  const start = url.indexOf('?');
  const path = start === -1 ? url : `${url.slice(0, start)}?${namesIn(url.slice(start + 1))}`;
  // Most paths have nothing in them that a secret or a password would need.
  return (path.includes('_') || path.includes('://') ? redact(path) : path).slice(0, longestPath);
}

function namesIn(query: string): string {
  const pairs = query.slice(0, mostOfQuery).split('&');
  // Half of a secret would not look like one.
  if (query.length > mostOfQuery) pairs.pop();
  return pairs.map((pair) => (pair.includes('=') ? `${pair.split('=', 1)[0]}=…` : '…')).join('&');
}

function factsOf({ refusal }: Rejection, key: KnownKey, address: string, at: number): RefusalFacts {
  switch (refusal.code) {
    case 'rate_limited':
    case 'quota_exceeded':
      return { limit: refusal.spent && limitIn(refusal.spent.limit) };
    case 'scope_missing':
      return { scope: refusal.scope };
    case 'ip_not_allowed':
      return { list: closedList(key, parseAddress(address)) };
    default:
      return { since: stoppedSince(key, at) };
  }
}

function limitIn({ subject, window, quota, resetsAt }: SpentLimit): SpentLimit {
  return { subject, window, quota, resetsAt };
}

function stoppedSince(key: KnownKey, at: number): number | undefined {
  const since = { REVOKED: key.revokedAt, EXPIRED: key.expiresAt, DISABLED: key.disabledAt, ACTIVE: null };
  return since[statusOf(key, at)]?.getTime();
}

const Facts = z.object({
  scope: z.string().optional(),
  limit: z
    .object({
      subject: z.enum(['workspace', 'key']),
      window: z.enum(['minute', 'day', 'month']),
      quota: z.number(),
      resetsAt: z.number(),
    })
    .optional(),
  list: z.enum(['key', 'workspace']).optional(),
  since: z.number().optional(),
});
const isCode = (code: unknown): code is ProblemCode => typeof code === 'string' && Object.hasOwn(problems, code);
const Packed = z.tuple([
  z.string(),
  z.number(),
  z.string(),
  z.string(),
  z.number(),
  z.custom<ProblemCode>(isCode).nullable(),
  Facts.nullable(),
  z.string(),
  z.string(),
  z.number(),
  z.number(),
]);

/** An entry as a store keeps it. */
export function packEntry(entry: LoggedRequest): string {
  const { id, at, method, path, status, code, refusal, keyId, address, durationMs, cost } = entry;
  const packed: z.infer<typeof Packed> = [
    ...([id, at, method, path, status, code] as const),
    refusal,
    ...([keyId, address, durationMs, cost] as const),
  ];
  return JSON.stringify(packed);
}

/** Reads it back; undefined for what another version of the server has left there. */
export function unpackEntry(text: string): LoggedRequest | undefined {
  const read = Packed.safeParse(JSON.parse(text));
  if (!read.success) return undefined;
  const [id, at, method, path, status, code, refusal, keyId, address, durationMs, cost] = read.data;
  return { id, at, method, path, status, code, refusal, keyId, address, durationMs, cost };
}
