/** Result: a figure of a row, held against its target. */
import type { Ratio } from './measure.ts';

/** One figure of a row. */
export interface Result {
  readonly what: string;
  readonly value: string;
  readonly target: string;
  readonly holds: boolean;
}
/** A figure that may be no more than its target. */
export function atMost(what: string, { median, least, most }: Ratio, target: number, unit = 'x'): Result {
  const value = `${median.toFixed(2)}${unit} (${least.toFixed(2)} to ${most.toFixed(2)})`;
  return { what, value, target: `<= ${target}${unit}`, holds: median <= target };
}

/** A figure that must be no less than its target. */
export function atLeast(what: string, { median, least, most }: Ratio, target: number): Result {
  const value = `${median.toFixed(2)}x (${least.toFixed(2)} to ${most.toFixed(2)})`;
  return { what, value, target: `>= ${target}x`, holds: median >= target };
}

/** A figure that is told beside, without a target. */
export function told(what: string, { median, least, most }: Ratio): Result {
  return {
    what,
    value: `${median.toFixed(2)}x (${least.toFixed(2)} to ${most.toFixed(2)})`,
    target: 'none',
    holds: true,
  };
}
