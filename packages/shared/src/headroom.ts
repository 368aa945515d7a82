/**
 * Headroom: how near a meter is to its limit.
 *
 * One function decides it for the API, the console and alerts, so that no two of them disagree.
 */

export const usageLevels = ['OK', 'WARNING', 'CRITICAL', 'EXCEEDED'] as const;
export type UsageLevel = (typeof usageLevels)[number];

/** Percent of the limit from which each level holds. */
export const levelThresholds = { WARNING: 80, CRITICAL: 90, EXCEEDED: 100 } as const;

/**
 * The level of a count against its limit. Compares whole numbers, so 80 % is exact at any size.
 *
 * @param used   calls admitted in the window
 * @param limit  calls the window lets pass; null = no limit, which is always OK
 */
export function levelOf(used: number, limit: number | null): UsageLevel {
  if (limit === null) return 'OK';
  const scaled = used * 100;
  if (scaled >= limit * levelThresholds.EXCEEDED) return 'EXCEEDED';
  if (scaled >= limit * levelThresholds.CRITICAL) return 'CRITICAL';
  if (scaled >= limit * levelThresholds.WARNING) return 'WARNING';
  return 'OK';
}
