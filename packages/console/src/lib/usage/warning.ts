/** Warning: the one limit of the day or the month that deserves a line at the top of the page. */
import { levelOf, type UsageLevel, type WindowKind } from '@gatekey/shared';
import type { Usage, WindowUsage } from '#lib/live/live.documents.ts';
import { percentOf } from './level.ts';

export interface Warning {
  readonly kind: WindowKind;
  readonly usage: WindowUsage;
  readonly limit: number;
  readonly percent: number;
  readonly level: UsageLevel;
}

/**
 * The fuller of day and month, from 80 %; null when both have room.
 *
 * The minute is left out: it comes and goes sixty times an hour, its meter shows it, and a strip that did the same would
 * push the page up and down.
 */
export function warningOf(usage: Usage): Warning | null {
  let found: Warning | null = null;
  for (const kind of ['day', 'month'] as const) {
    const { used, limit } = usage[kind];
    if (limit === null || levelOf(used, limit) === 'OK') continue;
    const percent = percentOf(used, limit);
    // At equal percent the month weighs more: it is the longer wait.
    if (found === null || percent >= found.percent) {
      found = { kind, usage: usage[kind], limit, percent, level: levelOf(used, limit) };
    }
  }
  return found;
}
