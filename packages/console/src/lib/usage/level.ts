/**
 * Level: how a meter is drawn, without flicker at a threshold.
 *
 * `levelOf` of the shared package says where a count stands. Here a level, once reached, is left only 5 points below its
 * threshold. EXCEEDED is no mood but a fact: requests are refused, or they are not; it is never held.
 */
import { levelOf, levelThresholds, type UsageLevel, usageLevels } from '@gatekey/shared';

/** Points of a percent below its threshold at which a level is left. */
const marginPoints = 5;

/**
 * The level to draw.
 *
 * @param held   the level drawn until now
 * @param used   calls admitted in the window
 * @param limit  null = no limit
 */
export function heldLevel(held: UsageLevel, used: number, limit: number | null): UsageLevel {
  const exact = levelOf(used, limit);
  if (limit === null || rank(exact) >= rank(held)) return exact;
  for (const level of ['CRITICAL', 'WARNING'] as const) {
    const isHeld = rank(held) >= rank(level) && used * 100 >= limit * (levelThresholds[level] - marginPoints);
    if (isHeld && rank(level) > rank(exact)) return level;
  }
  return exact;
}

/** How far up a level is: 0 for OK. */
export function rank(level: UsageLevel): number {
  return usageLevels.indexOf(level);
}

/** Whole percent of the limit that is used, rounded down, so that 100 means all of it. */
export function percentOf(used: number, limit: number): number {
  return limit === 0 ? 100 : Math.floor((used * 100) / limit);
}
