/** Bars: the last 30 minutes of a key, for a sparkline. Pure. */
import type { Usage } from '#lib/live/live.documents.ts';
import type { RecentUse } from './recent.documents.ts';

export interface Bar {
  readonly accepted: number;
  readonly refused: number;
}

export const minutesShown = 30;
const minuteMs = 60_000;

/**
 * A bar a minute, oldest first; the last is the present one, as the ticks tell it.
 *
 * @param past    as far as the server told it; null while it has not
 * @param minute  the meter of the present minute
 */
export function barsOf(past: RecentUse['minutes'] | null, minute: Usage['minute']): Bar[] {
  const startsAt = Date.parse(minute.startsAt);
  const known = new Map(past?.map((point) => [Date.parse(point.at), point]));
  const bars: Bar[] = Array.from({ length: minutesShown - 1 }, (_, index) => {
    const { accepted = 0, refused = 0 } = known.get(startsAt - (minutesShown - 1 - index) * minuteMs) ?? {};
    return { accepted, refused };
  });
  return [...bars, { accepted: minute.used, refused: minute.refused }];
}

/** For what calls of today were refused, the most frequent first. */
export function refusalsOf(
  recent: Pick<RecentUse, 'today'> | undefined,
): { readonly code: string; readonly count: number }[] {
  const refusals = recent?.today.flatMap((point) => point.refusals) ?? [];
  return refusals.toSorted((a, b) => b.count - a.count);
}
