/** Key: what a key is, and which state it is in. */
export const keyStatuses = ['ACTIVE', 'DISABLED', 'EXPIRED', 'REVOKED'] as const;
export type KeyStatus = (typeof keyStatuses)[number];

/** The facts that decide on a key's status. */
export interface KeyLife {
  readonly expiresAt: Date | null;
  readonly disabledAt: Date | null;
  readonly revokedAt: Date | null;
}

/**
 * The status of a key. Revoked outranks expired outranks disabled, as the guard answers them.
 *
 * @param now  epoch ms
 */
export function statusOf(key: KeyLife, now: number): KeyStatus {
  if (key.revokedAt !== null) return 'REVOKED';
  if (key.expiresAt !== null && key.expiresAt.getTime() <= now) return 'EXPIRED';
  if (key.disabledAt !== null) return 'DISABLED';
  return 'ACTIVE';
}

/** When a secret that is on its way out ends: at its own end, or with its key if that is earlier. */
export function secretEnd(endsAt: Date, expiresAt: Date | null): Date {
  return expiresAt !== null && expiresAt < endsAt ? expiresAt : endsAt;
}
