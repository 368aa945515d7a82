/**
 * Meter: what one meter says and shows, from the counts and the server's time.
 *
 * Pure. Keeps to what is known: a window that has ended without news is called so, and not drawn as zero.
 */
import type { UsageLevel, WindowKind } from '@gatekey/shared';
import {
  formatClock,
  formatCount,
  formatDay,
  formatLeft,
  formatUtcClock,
  formatUtcDay,
  formatUtcMonth,
  isUtcHere,
} from '#lib/format.ts';
import type { WindowUsage } from '#lib/live/live.documents.ts';
import type { ShapeKind } from '#lib/ui/Shape.svelte';
import { m } from '#messages';
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
  const resets = now >= resetsAt ? m.usage_turned() : level === 'EXCEEDED' ? '' : resetText(kind, resetsAt, now);
  return {
    title: titleOf(kind, usage),
    state,
    resets,
    shape: level === 'OK' ? null : level === 'WARNING' ? 'near' : 'over',
    fill: limit === null ? null : Math.min(1, limit === 0 ? 1 : used / limit),
    spoken: spokenText(used, limit, [state, resets].filter((text) => text !== '').join(', ')),
  };
}

export function titleOf(kind: WindowKind, usage: WindowUsage): string {
  if (kind === 'month') return formatUtcMonth(Date.parse(usage.startsAt));
  return kind === 'minute' ? m.usage_minute() : m.usage_day();
}

function stateOf(kind: WindowKind, usage: WindowUsage, level: UsageLevel, now: number): string {
  const { used, limit } = usage;
  if (limit === null) return '';
  const resetsAt = Date.parse(usage.resetsAt);
  const left = formatCount(Math.max(0, limit - used));
  if (level === 'OK') return m.usage_left({ count: left });
  const percent = percentOf(used, limit);
  if (level === 'WARNING') return m.usage_near({ percent, left });
  if (level === 'CRITICAL') {
    const capAt = kind === 'minute' ? null : capReachedAt(usage, now);
    return capAt === null
      ? m.usage_near({ percent, left })
      : m.usage_cap_in({ percent, left, time: roughly(capAt - now) });
  }
  return kind === 'minute' ? m.usage_limited({ left: formatLeft(resetsAt - now) }) : cappedText(kind, resetsAt);
}

/** On the UTC clock that limits follow, and on the person's where that is another. */
function cappedText(kind: 'day' | 'month', at: number): string {
  const day = formatUtcDay(at);
  const time = kind === 'day' ? formatUtcClock(at) : `${day}, ${formatUtcClock(at)}`;
  if (isUtcHere(at)) return m.usage_capped({ time });
  const isSameDay = kind === 'day' || formatDay(at) === day;
  return m.usage_capped_here({ time, here: isSameDay ? formatClock(at) : `${formatDay(at)}, ${formatClock(at)}` });
}

function resetText(kind: WindowKind, resetsAt: number, now: number): string {
  if (kind === 'minute') return m.usage_resets_in({ left: formatLeft(resetsAt - now) });
  return m.usage_resets_at({ time: kind === 'day' ? formatClock(resetsAt) : formatDay(resetsAt) });
}

function spokenText(used: number, limit: number | null, rest: string): string {
  return limit === null
    ? m.usage_spoken_no_limit({ used: formatCount(used) })
    : m.usage_spoken({ used: formatCount(used), limit: formatCount(limit), rest });
}

/** A forecast has no business being more exact. */
function roughly(ms: number): string {
  const hours = ms / 3_600_000;
  if (hours >= 36) return m.usage_about_days({ count: Math.round(hours / 24) });
  if (hours >= 1.5) return m.usage_about_hours({ count: Math.round(hours) });
  return m.usage_about_minutes({ count: Math.max(1, Math.round(hours * 60)) });
}
