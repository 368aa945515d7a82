/** Plan fit: how what is used now stands against the limits of a plan, the current one or another. Pure. */
import { type Limits, levelOf, type UsageLevel, type WindowKind, windowKinds } from '@gatekey/shared';
import type { Usage } from '#lib/live/live.documents.ts';
import { percentOf } from '#lib/usage/level.ts';

export interface WindowFit {
  readonly window: WindowKind;
  readonly limit: number | null;
  readonly used: number;
  /** Whole percent of the limit; null without one. */
  readonly percent: number | null;
  readonly level: UsageLevel;
  /** When the window starts over, epoch ms. */
  readonly resetsAt: number;
}

/** Every window of a plan, as if it held now: what was counted stays. */
export function planFit(limits: Limits, usage: Usage): WindowFit[] {
  return windowKinds.map((window) => {
    const limit = limits[window];
    const { used, resetsAt } = usage[window];
    const percent = limit === null ? null : percentOf(used, limit);
    return { window, limit, used, percent, level: levelOf(used, limit), resetsAt: Date.parse(resetsAt) };
  });
}
