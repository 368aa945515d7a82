/**
 * Meter: what one meter says and shows, from the counts and the server's time.
 *
 * Pure. Keeps to what is known: a window that has ended without news is called so, and not drawn as zero.
 */
import type { UsageLevel, WindowKind } from '@gatekey/shared';
import type { WindowUsage } from '#lib/live/live.documents.ts';
import { usage as words } from '#lib/messages/usage.ts';
import type { ShapeKind } from '#lib/ui/Shape.svelte';
import { capReachedAt } from './forecast.ts';
import { percentOf } from './level.ts';

export interface MeterFace {
  readonly title: string;
  /** What stands under the bar at its left: how much is left, or what is wrong. */
  readonly state: string;
  /** When it starts over; empty where `state` says so already. */
  readonly resets: string;
  readonly shape: ShapeKind | null;
  /** 0 up to 1; null without a limit. */
  readonly fill: number | null;
  /** What a reader of the screen is told. */
  readonly spoken: string;
}

/**
 * @param level  the level to draw, see `heldLevel`
 * @param now    epoch ms, on the server's clock
 */
export function meterFace(kind: WindowKind, usage: WindowUsage, level: UsageLevel, now: number): MeterFace {
  const { used, limit } = usage;
  const resetsAt = Date.parse(usage.resetsAt);
  const state = stateOf(kind, usage, level, now);
  const resets = now >= resetsAt ? words.turned : level === 'EXCEEDED' ? '' : resetText(kind, resetsAt, now);
  return {
    title: titleOf(kind, usage),
    state,
    resets,
    shape: level === 'OK' ? null : level === 'WARNING' ? 'near' : 'over',
    fill: limit === null ? null : Math.min(1, limit === 0 ? 1 : used / limit),
    spoken: words.spoken(used, limit, [state, resets].filter((text) => text !== '').join(', ')),
  };
}

export function titleOf(kind: WindowKind, usage: WindowUsage): string {
  if (kind === 'month') return words.month(Date.parse(usage.startsAt));
  return kind === 'minute' ? words.minute : words.day;
}

function stateOf(kind: WindowKind, usage: WindowUsage, level: UsageLevel, now: number): string {
  const { used, limit } = usage;
  if (limit === null) return '';
  const resetsAt = Date.parse(usage.resetsAt);
  const left = Math.max(0, limit - used);
  if (level === 'OK') return words.left(left);
  const percent = percentOf(used, limit);
  if (level === 'WARNING') return words.near(percent, left);
  if (level === 'CRITICAL') {
    const capAt = kind === 'minute' ? null : capReachedAt(usage, now);
    return capAt === null ? words.near(percent, left) : words.capIn(percent, left, capAt - now);
  }
  if (kind === 'minute') return words.limited(resetsAt - now);
  return kind === 'day' ? words.cappedToday(resetsAt) : words.cappedThisMonth(resetsAt);
}

function resetText(kind: WindowKind, resetsAt: number, now: number): string {
  if (kind === 'minute') return words.resetsIn(resetsAt - now);
  return kind === 'day' ? words.resetsAtClock(resetsAt) : words.resetsOnDay(resetsAt);
}
