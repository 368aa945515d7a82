/**
 * Audit: what was changed, as it can be read again.
 *
 * The entries themselves are written by the outbox, in the transaction of each change.
 */
import type { Prisma } from '../../gen/prisma/client.ts';
import type { Database } from '../kernel/database.ts';

/** Which entries; all that are given must fit. */
export interface AuditFilter {
  readonly types?: readonly string[] | undefined;
  /** The user or key that made the change. */
  readonly actorId?: string | undefined;
  /** The key that was changed. */
  readonly keyId?: string | undefined;
  /** The first instant. */
  readonly from?: Date | undefined;
  /** The first instant after the last. */
  readonly to?: Date | undefined;
}

/** The entries of a workspace that fit, as a condition. */
export function whereAudit(
  workspaceId: string,
  { types, actorId, keyId, from, to }: AuditFilter,
): Prisma.EventWhereInput {
  return {
    workspaceId,
    ...(types === undefined ? {} : { type: { in: [...types] } }),
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
