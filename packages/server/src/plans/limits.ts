/** Limits in rows: plans and keys store them in the same three columns. */
import type { Limits } from '@gatekey/shared';

export interface LimitColumns {
  readonly minuteLimit: bigint | null;
  readonly dayLimit: bigint | null;
  readonly monthLimit: bigint | null;
}

/** Selects the limits of a row. */
export const limitColumns = { minuteLimit: true, dayLimit: true, monthLimit: true } as const;

/** Limits from a row. The database keeps them within what a JavaScript number holds exactly. */
export function limitsFrom(row: LimitColumns): Limits {
  return { minute: numberFrom(row.minuteLimit), day: numberFrom(row.dayLimit), month: numberFrom(row.monthLimit) };
}

/** Limits for a row. */
export function columnsFrom(limits: Limits): {
  minuteLimit: number | null;
  dayLimit: number | null;
  monthLimit: number | null;
} {
  return { minuteLimit: limits.minute, dayLimit: limits.day, monthLimit: limits.month };
}

function numberFrom(value: bigint | null): number | null {
  return value === null ? null : Number(value);
}
