/**
 * Forecast: when the cap is reached if things go on as they did since the window began.
 *
 * A straight line through the whole window; a burst of a minute does not make it jump.
 */
import type { WindowUsage } from '#lib/live/live.documents.ts';

/** Before this share of a window has passed, a line through it says nothing. */
const leastShare = 0.02;

/**
 * The instant at which the limit is reached at the average pace, epoch ms.
 *
 * @param now  epoch ms, on the server's clock
 * @returns null when there is no limit, it is reached already, the window ends first, or it is too early to say
 */
export function capReachedAt({ used, limit, startsAt, resetsAt }: WindowUsage, now: number): number | null {
  if (limit === null || used <= 0 || used >= limit) return null;
  const start = Date.parse(startsAt);
  const end = Date.parse(resetsAt);
  const elapsed = now - start;
  if (elapsed < (end - start) * leastShare) return null;
  const at = now + ((limit - used) / used) * elapsed;
  return at < end ? at : null;
}
