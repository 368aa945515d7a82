/**
 * Flow: the rows of a list that grows at its top, and what waits to become one.
 *
 *   batch -> waiting -> (unless somebody reads, or the page is paused) -> rows
 *
 * Pure. Each request is there once; both are bounded, and the oldest go first.
 */
import type { Batch, Logged } from './requests.documents.ts';

export interface Flow {
  /** Newest first. */
  readonly rows: readonly Logged[];
  /** Newer than the rows, newest first. */
  readonly waiting: readonly Logged[];
  /** How many came and are in neither. */
  readonly leftOut: number;
}

export const noFlow: Flow = { rows: [], waiting: [], leftOut: 0 };
const mostWaiting = 500;

/** Takes a batch in. @returns undefined where there may be a gap before it: what is shown must be asked for again */
export function received(flow: Flow, { requests, leftOut, isFirst }: Batch): Flow | undefined {
  const known = new Set([...flow.waiting, ...flow.rows].map(({ id }) => id));
  const overlap = requests.findIndex(({ id }) => known.has(id));
  if (isFirst && overlap === -1 && known.size > 0) return undefined;
  const fresh = isFirst && overlap !== -1 ? requests.slice(0, overlap) : requests.filter(({ id }) => !known.has(id));
  const waiting = [...fresh, ...flow.waiting];
  const lost = Math.max(0, waiting.length - mostWaiting);
  return { ...flow, waiting: waiting.slice(0, mostWaiting), leftOut: flow.leftOut + leftOut + lost };
}

/** Shows what waits. @param most  rows that stay */
export function released(flow: Flow, most: number): Flow {
  return flow.waiting.length === 0
    ? flow
    : { ...flow, rows: [...flow.waiting, ...flow.rows].slice(0, most), waiting: [] };
}

/** Adds older ones. */
export function extended(flow: Flow, older: readonly Logged[]): Flow {
  const known = new Set(flow.rows.map(({ id }) => id));
  return { ...flow, rows: [...flow.rows, ...older.filter(({ id }) => !known.has(id))] };
}
