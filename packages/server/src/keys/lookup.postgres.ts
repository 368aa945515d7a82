/** The look-up of keys in PostgreSQL. */
import { type AddressRange, parseRange } from '@gatekey/shared';
import type { Database } from '../kernel/database.ts';
import { limitColumns, limitsFrom } from '../plans/limits.ts';
import { secretEnd } from './key.ts';
import type { KeyLookup, KnownKey } from './lookup.ts';
import { bytesOf } from './secret.ts';

/** Asks the database at every call, in one statement. */
export function createPostgresKeyLookup({ database }: { database: Database }): KeyLookup {
  return {
    async find(hash) {
      const row = await database.keySecret.findUnique({
        where: { hash: bytesOf(hash), key: { deletedAt: null } },
        select: {
          endsAt: true,
          key: {
            select: {
              ...limitColumns,
              id: true,
              workspaceId: true,
              scopes: true,
              ipAllowlist: true,
              expiresAt: true,
              disabledAt: true,
              revokedAt: true,
              workspace: { select: { suspendedAt: true, ipAllowlist: true, plan: { select: limitColumns } } },
            },
          },
        },
      });
      if (row === null) return undefined;
      const { workspace, ...key } = row.key;
      const known: KnownKey = {
        id: key.id,
        workspaceId: key.workspaceId,
        scopes: key.scopes,
        expiresAt: key.expiresAt,
        disabledAt: key.disabledAt,
        revokedAt: key.revokedAt,
        isWorkspaceSuspended: workspace.suspendedAt !== null,
        allowlist: rangesFrom(key.ipAllowlist),
        workspaceAllowlist: rangesFrom(workspace.ipAllowlist),
        planLimits: limitsFrom(workspace.plan),
        keyLimits: limitsFrom(key),
      };
      const endsAt = row.endsAt === null ? null : secretEnd(row.endsAt, key.expiresAt).getTime();
      return { key: known, secretEndsAt: endsAt };
    },
  };
}

function rangesFrom(entries: readonly string[]): AddressRange[] {
  return entries.map((entry) => {
    const range = parseRange(entry);
    // Stored canonical; leaving a broken one out could turn "these only" into "any".
    if (range === undefined) throw new Error('an allowlist in the database holds what is no address range');
    return range;
  });
}
