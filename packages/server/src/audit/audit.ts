/**
 * Audit: what was changed, as it can be read again.
 *
 *   actor, filter -> entries of one workspace, newest first, a page at a time
 *
 * Promises: whoever walks the log meets every entry that was there at the start once; the whole of it is never in memory.
 * The entries themselves are written by the outbox, in the transaction of each change.
 */
import type { Prisma } from '../../gen/prisma/client.ts';
import { type Actor, permitted } from '../accounts/actor.ts';
import type { Database } from '../kernel/database.ts';
import { done, type Outcome } from '../kernel/problem.ts';

export const actorKinds = ['user', 'key', 'system'] as const;
export type ActorKind = (typeof actorKinds)[number];

/** Which entries; all that are given must fit. */
export interface AuditFilter {
  readonly types?: readonly string[] | undefined;
  /** What made the change. */
  readonly actorKind?: ActorKind | undefined;
  /** The user or key that made the change. */
  readonly actorId?: string | undefined;
  /** The key that was changed. */
  readonly keyId?: string | undefined;
  /** The first instant. */
  readonly from?: Date | undefined;
  /** The first instant after the last. */
  readonly to?: Date | undefined;
}

/** An entry, as it is shown. */
export interface AuditEntry {
  readonly id: string;
  readonly at: Date;
  readonly type: string;
  /** How they are called now; null when they are gone, and for Gatekey itself. */
  readonly actor: { readonly kind: ActorKind; readonly id: string | null; readonly name: string | null };
  readonly address: string | null;
  readonly keyId: string | null;
  readonly userId: string | null;
  readonly endpointId: string | null;
  /** How the key or person is called that it is about. */
  readonly subject: string | null;
  readonly before: unknown;
  readonly after: unknown;
}

export interface AuditPage {
  readonly entries: readonly AuditEntry[];
  /** The id that the log goes on behind; undefined at its end. */
  readonly next: string | undefined;
}

/** @param after  the id of the entry that the page goes on behind; that need not be there */
export interface AuditQuery extends AuditFilter {
  readonly limit: number;
  readonly after?: string | undefined;
}

/** The log of the actor's own or current workspace, for who has audit:read. */
export interface Audit {
  page(actor: Actor, query: AuditQuery): Promise<Outcome<AuditPage>>;
  /** All that fits, some entries at a time, each page read when it is asked for. */
  pages(actor: Actor, filter: AuditFilter): Outcome<AsyncGenerator<readonly AuditEntry[]>>;
}

const pageSize = 200;

/** Opens the log. */
export function createAudit({ database }: { readonly database: Database }): Audit {
  return {
    async page(actor, query) {
      const allowed = permitted(actor, 'audit:read', undefined);
      return allowed.ok ? done(await readPage(database, allowed.value, query)) : allowed;
    },
    pages(actor, filter) {
      const allowed = permitted(actor, 'audit:read', undefined);
      return allowed.ok ? done(walk(database, allowed.value, filter)) : allowed;
    },
  };
}

async function* walk(database: Database, workspaceId: string, filter: AuditFilter) {
  let after: string | undefined;
  do {
    const { entries, next }: AuditPage = await readPage(database, workspaceId, { ...filter, limit: pageSize, after });
    yield entries;
    after = next;
  } while (after !== undefined);
}

async function readPage(database: Database, workspaceId: string, { limit, after, ...filter }: AuditQuery) {
  const rows = await database.event.findMany({
    where: { AND: [whereAudit(workspaceId, filter), after === undefined ? {} : { id: { lt: after } }] },
    orderBy: { id: 'desc' },
    take: limit + 1,
  });
  const shown = rows.slice(0, limit);
  const ids = shown.flatMap(({ actorId, keyId, userId }) => [actorId, keyId, userId]).filter((id) => id !== null);
  const names = await namesOf(database, [...new Set(ids)]);
  const nameOf = (id: string | null) => (id === null ? null : (names.get(id) ?? null));
  const entries = shown.map(({ actorKind, actorId, planId: _planId, workspaceId: _workspaceId, ...row }) => ({
    ...row,
    actor: { kind: actorKindFrom(actorKind), id: actorId, name: nameOf(actorId) },
    subject: nameOf(row.keyId ?? row.userId),
  }));
  return { entries, next: rows.length > limit ? entries.at(-1)?.id : undefined };
}

/** The kind of an actor from its column. */
export function actorKindFrom(text: string): ActorKind {
  return text === 'user' || text === 'key' ? text : 'system';
}

/** The entries of a workspace that fit, as a condition. */
export function whereAudit(
  workspaceId: string,
  { types, actorKind, actorId, keyId, from, to }: AuditFilter,
): Prisma.EventWhereInput {
  return {
    workspaceId,
    ...(types === undefined ? {} : { type: { in: [...types] } }),
    ...(actorKind === undefined ? {} : { actorKind }),
    ...(actorId === undefined ? {} : { actorId }),
    ...(keyId === undefined ? {} : { keyId }),
    at: { ...(from === undefined ? {} : { gte: from }), ...(to === undefined ? {} : { lt: to }) },
  };
}

/** What people and keys are called, deleted keys too; those that are gone are left out. */
export async function namesOf(database: Database, ids: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const where = { id: { in: [...ids] } };
  const select = { id: true, name: true };
  const [users, keys] = await Promise.all([
    database.user.findMany({ where, select }),
    database.apiKey.findMany({ where, select }),
  ]);
  return new Map([...users, ...keys].map(({ id, name }) => [id, name]));
}
