/**
 * Standing: what a key must be, whatever it asks for; checks 2 to 5 of the guard.
 *
 * The one place of these rules: the guard asks it for every call, `streams.ts` for what stays open.
 */
import { type Address, type AddressRange, isWithin, parseAddress, type RefusalCode } from '@gatekey/shared';
import { statusOf } from '../keys/key.ts';
import type { FoundKey, KnownKey } from '../keys/lookup.ts';

/** Whoever shows the secret. */
export interface Bearer {
  /** Canonical text of the client's address. */
  readonly address: string;
  /** The scopes that the key must have. */
  readonly scopes: readonly string[];
}

/** Who has an allowlist. */
export type AllowlistOwner = 'key' | 'workspace';

/**
 * Why a key does not pass; undefined when only its limits are left to be asked.
 *
 * @param found  undefined when no key has the secret
 * @param now    epoch ms
 */
export function standingRefusal(
  found: FoundKey | undefined,
  { address, scopes }: Bearer,
  now: number,
): RefusalCode | undefined {
  if (found === undefined || (found.secretEndsAt !== null && found.secretEndsAt <= now)) return 'key_invalid';
  const { key } = found;
  const stopped = stoppedBy(key, now);
  if (stopped !== undefined) return stopped;
  if (!isAllowedFrom(key, address)) return 'ip_not_allowed';
  return scopes.every((scope) => key.scopes.includes(scope)) ? undefined : 'scope_missing';
}

/** When a key loses its standing by time alone, epoch ms; infinity when it does not. */
export function standsUntil({ key, secretEndsAt }: FoundKey): number {
  return Math.min(secretEndsAt ?? Number.POSITIVE_INFINITY, key.expiresAt?.getTime() ?? Number.POSITIVE_INFINITY);
}

function stoppedBy(key: KnownKey, now: number): RefusalCode | undefined {
  const status = statusOf(key, now);
  if (status === 'REVOKED') return 'key_revoked';
  if (status === 'EXPIRED') return 'key_expired';
  if (status === 'DISABLED') return 'key_disabled';
  return key.isWorkspaceSuspended ? 'workspace_suspended' : undefined;
}

function isAllowedFrom(key: KnownKey, text: string): boolean {
  if (key.allowlist.length === 0 && key.workspaceAllowlist.length === 0) return true;
  return closedList(key, parseAddress(text)) === undefined;
}

/** Whose allowlist does not have the address, the key's before the workspace's; undefined where it may call. */
export function closedList(key: KnownKey, address: Address | undefined): AllowlistOwner | undefined {
  const lacks = (ranges: readonly AddressRange[]) =>
    ranges.length > 0 && (address === undefined || !isWithin(address, ranges));
  if (lacks(key.allowlist)) return 'key';
  return lacks(key.workspaceAllowlist) ? 'workspace' : undefined;
}
