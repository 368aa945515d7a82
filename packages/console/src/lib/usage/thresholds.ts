/**
 * Thresholds: which crossings are worth saying aloud.
 *
 * Each level is told once per window, and only on the way up. Several at once are told as the highest.
 */
import { levelOf, levelThresholds, type UsageLevel, type WindowKind, windowKinds } from '@gatekey/shared';
import type { Usage } from '#lib/live/live.documents.ts';
import { m } from '#messages';
import { rank } from './level.ts';
import { titleOf } from './meter.ts';

/** What was told: the highest level for each window, with the window's start. */
export type Told = Readonly<Partial<Record<WindowKind, { readonly startsAt: string; readonly level: UsageLevel }>>>;

/** The sentences to say now, and what was told with them. */
export function crossings(told: Told, usage: Usage): { readonly sentences: readonly string[]; readonly told: Told } {
  const sentences: string[] = [];
  const next: Record<string, Told[WindowKind]> = { ...told };
  for (const kind of windowKinds) {
    const { used, limit, startsAt } = usage[kind];
    const level = levelOf(used, limit);
    const before = told[kind];
    const isNews = before?.startsAt !== startsAt || rank(level) > rank(before.level);
    if (!isNews) continue;
    next[kind] = { startsAt, level };
    const title = titleOf(kind, usage[kind]);
    if (level === 'EXCEEDED') sentences.push(m.usage_exceeded({ title }));
    else if (level !== 'OK') sentences.push(m.usage_crossed({ title, percent: levelThresholds[level] }));
  }
  return { sentences, told: next };
}
