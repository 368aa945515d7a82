/** Usage: counts beside their limits, as every reader of the meter sees them. Pure. */
import { type Limits, levelOf, type UsageLevel, type Window, type WindowKind } from '@gatekey/shared';
import type { SubjectCounts, WindowCounts } from './counter.ts';

/** One window of a meter; times in epoch ms. */
export interface WindowUsage extends Window {
  readonly used: number;
  readonly refused: number;
  /** null = no limit, and then `remaining` is null too. */
  readonly limit: number | null;
  readonly remaining: number | null;
  readonly level: UsageLevel;
}
export type Usage = Readonly<Record<WindowKind, WindowUsage>>;

/** The meters of a workspace or a key. */
export function usageOf(counts: SubjectCounts, limits: Limits): Usage {
  return {
    minute: windowUsage(counts.minute, limits.minute),
    day: windowUsage(counts.day, limits.day),
    month: windowUsage(counts.month, limits.month),
  };
}

function windowUsage(counts: WindowCounts, limit: number | null): WindowUsage {
  const { used, refused, startsAt, resetsAt } = counts;
  const remaining = limit === null ? null : Math.max(0, limit - used);
  return { used, refused, startsAt, resetsAt, limit, remaining, level: levelOf(used, limit) };
}
