/**
 * Lookup: the key that a secret opens, with all that the guard needs to decide.
 *
 * Asks the database at every call, so that a change holds at once on every server.
 */
import { type AddressRange, type Limits, parseRange } from '@gatekey/shared';
import type { Database } from '../kernel/database.ts';
import { limitColumns, limitsFrom } from '../plans/limits.ts';
import type { KeyLife } from './key.ts';
import { hashOf } from './secret.ts';

/** A key as the guard sees it. */
export interface KnownKey extends KeyLife {
  readonly id: string;
  readonly workspaceId: string;
  readonly isWorkspaceSuspended: boolean;
  readonly scopes: readonly string[];
  /** Empty = any address. The key's list and the workspace's must both match. */
  readonly allowlist: readonly AddressRange[];
  readonly workspaceAllowlist: readonly AddressRange[];
  readonly planLimits: Limits;
  readonly keyLimits: Limits;
}

export interface KeyLookup {
  /**
   * @param secret  a well-formed secret
   * @returns undefined when no key has it, or had it until now
   * @throws when the database cannot be asked
   */
  find(secret: string, now: number): Promise<KnownKey | undefined>;
}

/** Looks keys up in the database. */
export function createKeyLookup({ database }: { database: Database }): KeyLookup {
  return {
    async find(secret, now) {
      const row = await database.keySecret.findUnique({
        where: { hash: hashOf(secret), key: { deletedAt: null } },
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
      if (row === null || (row.endsAt !== null && row.endsAt.getTime() <= now)) return undefined;
      const { workspace, ...key } = row.key;
      return {
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
