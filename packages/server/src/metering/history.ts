/** History: usage as a series without gaps, within bounds. Pure. */
import type { HistoryRequest, UsagePoint } from './ledger.ts';
import { stepAt, stepMs } from './tallies.ts';

/** As many points as a month has hours, or a day has minutes. */
export const mostPoints = 1_500;

/** How many points an answer has: one for each step that `[from, to)` touches. */
export function pointsIn({ step, from, to }: Pick<HistoryRequest, 'step' | 'from' | 'to'>): number {
  return Math.max(0, Math.ceil((to - stepAt(step, from)) / stepMs[step]));
}

/** Puts a point of zeroes where nothing was called. @param points  oldest first */
export function withoutGaps(
  { step, from, to }: Pick<HistoryRequest, 'step' | 'from' | 'to'>,
  points: readonly UsagePoint[],
): UsagePoint[] {
  const known = new Map(points.map((point) => [point.at, point]));
  const first = stepAt(step, from);
  return Array.from({ length: pointsIn({ step, from, to }) }, (_, index) => {
    const at = first + index * stepMs[step];
    return known.get(at) ?? { at, accepted: 0, refused: 0, refusals: {} };
  });
}
