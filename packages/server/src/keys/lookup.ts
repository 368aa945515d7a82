/**
 * Lookup: the key that a secret opens, with all that the guard needs to decide.
 *
 * A port: `lookup.postgres.ts` asks the database, `key-cache.ts` remembers what it said.
 */
import type { AddressRange, Limits } from '@gatekey/shared';
import type { Soon } from '../kernel/soon.ts';
import type { KeyLife } from './key.ts';
import type { SecretHash } from './secret.ts';

/** A key as the guard sees it. */
export interface KnownKey extends KeyLife {
  readonly id: string;
  readonly workspaceId: string;
  readonly isWorkspaceSuspended: boolean;
  /** Whether its workspace is one that the operator owns. */
  readonly isOfOperator: boolean;
  readonly scopes: readonly string[];
  /** What was stored with it, as JSON. */
  readonly metadata: string;
  /** Empty = any address. The key's list and the workspace's must both match. */
  readonly allowlist: readonly AddressRange[];
  readonly workspaceAllowlist: readonly AddressRange[];
  readonly planLimits: Limits;
  readonly keyLimits: Limits;
}

/** A key, found by one of its secrets. */
export interface FoundKey {
  readonly key: KnownKey;
  /** When a previous secret ends, epoch ms; null for the current one, which ends with the key. */
  readonly secretEndsAt: number | null;
}

export interface KeyLookup {
  /**
   * At once where it is known: every request comes this way, and a promise costs it.
   *
   * @returns undefined when no key has a secret with this hash
   * @throws when it cannot be found out
   */
  find(hash: SecretHash): Soon<FoundKey | undefined>;
}
