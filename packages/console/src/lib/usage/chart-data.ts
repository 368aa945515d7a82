/**
 * Chart data: points of a history as the columns that a chart stacks, accepted at the bottom, each reason above it. Pure.
 */
import type { Step } from './chart-range.ts';
import type { UsagePoint } from './history.documents.ts';

/** One colour of the chart. */
export interface Band {
  /** `accepted`, or the code of a refusal. */
  readonly code: string;
  readonly counts: readonly number[];
  readonly total: number;
}

export interface ChartData {
  /** Starts of the steps, epoch ms. */
  readonly times: readonly number[];
  /** `accepted` first; then every reason that there was, the most frequent last. */
  readonly bands: readonly Band[];
  readonly refused: number;
  /** The highest column. */
  readonly most: number;
}

/** What a tick says of the present step. */
export interface Present {
  readonly startsAt: number;
  readonly accepted: number;
}

/**
 * @param present  newer than the history; null where no meter has steps of this length
 */
export function chartData(points: readonly UsagePoint[], present: Present | null): ChartData {
  const times = points.map((point) => Date.parse(point.at));
  const acceptedCounts = points.map((point, index) =>
    present !== null && times[index] === present.startsAt ? Math.max(point.accepted, present.accepted) : point.accepted,
  );
  const codes = [...new Set(points.flatMap((point) => point.refusals.map(({ code }) => code)))];
  const reasons = codes
    .map((code) =>
      band(
        code,
        points.map(({ refusals }) => refusals.find((one) => one.code === code)?.count ?? 0),
      ),
    )
    .sort((a, b) => a.total - b.total || a.code.localeCompare(b.code));
  const bands = [band('accepted', acceptedCounts), ...reasons];
  return {
    times,
    bands,
    refused: reasons.reduce((sum, { total }) => sum + total, 0),
    most: Math.max(0, ...times.map((_, index) => bands.reduce((sum, { counts }) => sum + (counts[index] ?? 0), 0))),
  };
}

function band(code: string, counts: readonly number[]): Band {
  return { code, counts, total: counts.reduce((sum, count) => sum + count, 0) };
}

/** The tops of the bands when they stand on each other, the highest first: the order in which they are painted. */
export function stackedTops({ bands, times }: ChartData): { readonly code: string; readonly tops: number[] }[] {
  const height = times.map(() => 0);
  const tops = bands.map(({ code, counts }) => {
    for (const [index, count] of counts.entries()) height[index] = (height[index] ?? 0) + count;
    return { code, tops: [...height] };
  });
  return tops.reverse();
}

/** A limit is drawn where it is near what was called; far above, it would press the columns flat. */
export function limitLine(limit: number | null, most: number): number | null {
  return limit !== null && limit <= most * 3 ? limit : null;
}

/** The limit that steps of this length can be held against. */
export function limitOf(
  step: Step,
  limits: { readonly minute: number | null; readonly day: number | null },
): number | null {
  if (step === 'HOUR') return null;
  return step === 'MINUTE' ? limits.minute : limits.day;
}

/** The present step as a meter has it. @param usage  of the same subject as the history */
export function presentOf(
  step: Step,
  usage: Readonly<Record<'minute' | 'day', { readonly startsAt: string; readonly used: number }>>,
): Present | null {
  if (step === 'HOUR') return null;
  const { startsAt, used } = usage[step === 'MINUTE' ? 'minute' : 'day'];
  return { startsAt: Date.parse(startsAt), accepted: used };
}
