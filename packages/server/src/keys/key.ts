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

/** What is stored of the secrets of a key, as far as it may be shown. */
export const previousSecretColumns = {
  expiresAt: true,
  secrets: { where: { endsAt: { not: null } }, select: { endsAt: true, lastUsedAt: true, lastUsedIp: true } },
} as const;

/** The old secret of a key while a rotation overlaps. */
export interface PreviousSecret {
  /** From when on it is refused. */
  readonly endsAt: Date;
  readonly lastUsedAt: Date | null;
  readonly lastUsedIp: string | null;
}

interface PreviousSecretRow {
  readonly expiresAt: Date | null;
  readonly secrets: readonly (Omit<PreviousSecret, 'endsAt'> & { readonly endsAt: Date | null })[];
}

/** The previous secret from a row of `previousSecretColumns`; null once it has ended. @param now  epoch ms */
export function previousSecretOf(
  { expiresAt, secrets: [secret] }: PreviousSecretRow,
  now: number,
): PreviousSecret | null {
  if (secret === undefined || secret.endsAt === null) return null;
  const endsAt = secretEnd(secret.endsAt, expiresAt);
  return endsAt.getTime() > now ? { ...secret, endsAt } : null;
}
