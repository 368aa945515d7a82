/**
 * Chart range: what time a chart shows, and in what steps. It lives in the address, so that a view can be shared.
 *
 *   ?range=3h, which ends now and goes on | ?from=…&to=…, which stays
 *
 * Pure.
 */

export const ranges = ['30m', '3h', '24h', '7d', '30d'] as const;
export type RangeName = (typeof ranges)[number];
export type Step = 'MINUTE' | 'HOUR' | 'DAY';

/** Times in epoch ms; a range without a name was chosen on the chart. */
export interface ChartRange {
  readonly name: RangeName | null;
  readonly from: number;
  readonly to: number;
  readonly step: Step;
}

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;
export const stepMs: Readonly<Record<Step, number>> = { MINUTE: minuteMs, HOUR: hourMs, DAY: dayMs };
const spanMs: Readonly<Record<RangeName, number>> = {
  '30m': 30 * minuteMs,
  '3h': 3 * hourMs,
  '24h': dayMs,
  '7d': 7 * dayMs,
  '30d': 30 * dayMs,
};
const usual: RangeName = '3h';
/** Up to here a step is fine enough to look at, and few enough points to draw. */
const longestOf = { MINUTE: 6 * hourMs, HOUR: 14 * dayMs };

/** The step in which a span is shown. @param span  ms */
export function stepFor(span: number): Step {
  if (span <= longestOf.MINUTE) return 'MINUTE';
  return span <= longestOf.HOUR ? 'HOUR' : 'DAY';
}

/** The one that ends now. @param now  epoch ms, on the server's clock */
export function namedRange(name: RangeName, now: number): ChartRange {
  const step = stepFor(spanMs[name]);
  // Whole steps, the present one included.
  const to = (Math.floor(now / stepMs[step]) + 1) * stepMs[step];
  return { name, from: to - spanMs[name], to, step };
}

/** What the address asks for; what it gets wrong is the usual one. */
export function rangeFrom(params: Pick<URLSearchParams, 'get'>, now: number): ChartRange {
  const chosen = chosenRange(Date.parse(params.get('from') ?? ''), Date.parse(params.get('to') ?? ''), now);
  return chosen ?? namedRange(ranges.find((name) => name === params.get('range')) ?? usual, now);
}

/**
 * What was drawn on the chart, in whole steps.
 *
 * @returns null where it is no time, or none that has been
 */
export function chosenRange(from: number, to: number, now: number): ChartRange | null {
  if (!(from >= 0 && to > from && from < now) || to - from > 400 * dayMs) return null;
  const step = stepFor(to - from);
  const size = stepMs[step];
  return { name: null, from: Math.floor(from / size) * size, to: Math.ceil(to / size) * size, step };
}

export const moves = ['earlier', 'in', 'out', 'later'] as const;
export type Move = (typeof moves)[number];
const leastSpanMs = 5 * minuteMs;

/**
 * Half as far back or on, or half or twice as long around the same middle. Never beyond the present; what shows the present
 * still does when it is looked at closer.
 *
 * @returns null where that leads nowhere
 */
export function movedRange({ from, to }: ChartRange, move: Move, now: number): ChartRange | null {
  const span = to - from;
  const next = move === 'in' ? span / 2 : move === 'out' ? span * 2 : span;
  if (next < leastSpanMs) return null;
  const shift = move === 'earlier' ? -span / 2 : move === 'later' ? span / 2 : 0;
  const wanted = move === 'in' && to > now ? to : (from + to + next) / 2 + shift;
  const end = Math.min(wanted, Math.ceil(now / minuteMs) * minuteMs);
  return move === 'later' && end <= to ? null : chosenRange(end - next, end, now);
}

/** The part of an address that asks for a range; empty for the usual one. */
export function rangeParams({ name, from, to }: Pick<ChartRange, 'name' | 'from' | 'to'>): Record<string, string> {
  if (name !== null) return name === usual ? {} : { range: name };
  return { from: new Date(from).toISOString(), to: new Date(to).toISOString() };
}
