/**
 * Request log: the last calls of each workspace.
 *
 *   door -> note, and goes on                            a store, in the background
 *   graphql -> page, newest -> entries with their places
 *
 * Promises, the same for every implementation (`request-log.contract.ts` is the suite):
 * - `note` never waits, never throws, and costs the same whether the store answers, is silent or is away.
 * - What it holds is bounded: the last entries of a workspace, and entries on their way there. What there is no room or
 *   no store for is dropped, the oldest first, and counted.
 * - Entries of one workspace are in one order for all readers; a place names the same entry for as long as it is there.
 * - Nothing of one workspace is ever read with another's.
 *
 * Does not promise: that an entry is there. It is for people who look at what happens; what counts is in the ledger.
 */
import type { LoggedRequest } from './entry.ts';

/** How many entries of a workspace are kept at least, where there were so many. */
export const keptEntries = 1_000;

export interface PlacedRequest extends LoggedRequest {
  /** Where it stands in its workspace's log: digits, and perhaps `-` and digits. */
  readonly place: string;
}

/** Which part of a log: what lies between two places, neither of them in it. */
export interface LogRange {
  readonly newerThan?: string | undefined;
  readonly olderThan?: string | undefined;
  readonly isOldestFirst?: boolean | undefined;
}

/** The end of a log. */
export interface LogEnd {
  /** How many entries the workspace has had; begins again at 0 when the store lost it. */
  readonly total: number;
  /** Oldest first. */
  readonly entries: readonly PlacedRequest[];
}

export interface RequestLog {
  note(workspaceId: string, entry: LoggedRequest): void;
  /** Entries in order, newest first unless told; fewer than asked for only at the end. @throws LogAway */
  page(workspaceId: string, range: LogRange, count: number): Promise<readonly PlacedRequest[]>;
  /** The newest entries after the first `seen`, at most so many. @throws LogAway */
  newest(workspaceId: string, seen: number, most: number): Promise<LogEnd>;
  /** How many entries were dropped since the start. */
  dropped(): number;
  /** Writes what waits. */
  close(): Promise<void>;
}

/** The store of the log did not answer in time. */
export class LogAway extends Error {
  override name = 'LogAway';
}

/** Whether a text can be a place. */
export function isPlace(text: string): boolean {
  return /^\d{1,15}(-\d{1,15})?$/.test(text);
}
