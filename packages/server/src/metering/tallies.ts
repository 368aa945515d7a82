/**
 * Tallies: what this process has counted, by key and by minute, hour and day, until the ledger has it.
 *
 * A tally is a total since its window began (for this writer), never a difference, so that it can be written any number
 * of times. Pure, but for its own memory, which is bounded: see `mostKeys` and `mostClosed`.
 */
import type { RefusalCode } from '@gatekey/shared';

export const usageSteps = ['minute', 'hour', 'day'] as const;
export type UsageStep = (typeof usageSteps)[number];

/** Lengths, ms. */
export const stepMs: Readonly<Record<UsageStep, number>> = { minute: 60_000, hour: 3_600_000, day: 86_400_000 };

/** Start of the UTC minute, hour or day that holds an instant; both epoch ms. */
export function stepAt(step: UsageStep, at: number): number {
  return Math.floor(at / stepMs[step]) * stepMs[step];
}

/** One row of the ledger. */
export interface LedgerRow {
  readonly keyId: string;
  readonly step: UsageStep;
  /** Start of the minute, hour or day, epoch ms. */
  readonly at: number;
  readonly writer: string;
  readonly workspaceId: string;
  readonly accepted: number;
  readonly refused: number;
  readonly refusals: Readonly<Partial<Record<RefusalCode, number>>>;
}

export interface Tallies {
  /** Counts one call. @param at  the counter's time of the decision, epoch ms  @param code  when it was refused */
  record(workspaceId: string, keyId: string, at: number, code: RefusalCode | undefined): void;
  /** Rows that the ledger does not have yet, as they are now. */
  unwritten(): readonly LedgerRow[];
  /** Tells that the ledger has these rows. What was counted meanwhile stays unwritten. */
  written(rows: readonly LedgerRow[]): void;
  /** Rows of minutes that were given up for want of room. Their calls are still in the hour and the day. */
  lost(): number;
}

/** A window of a key, open or over. */
interface Tally {
  readonly keyId: string;
  readonly step: UsageStep;
  readonly at: number;
  readonly writer: string;
  readonly workspaceId: string;
  accepted: number;
  refused: number;
  readonly refusals: Partial<Record<RefusalCode, number>>;
  /** accepted + refused when it was last written. */
  writtenCalls: number;
}
type OpenTallies = { readonly [K in UsageStep]: Tally };

/** Keys with open tallies, some 1 kB each. Past it, those that are written are let go. */
const mostKeys = 50_000;
/** Tallies that are over and not written, as while the database is away. Past it, the oldest minutes are given up. */
const mostClosed = 200_000;

/** @param writer  names this process; no other ever uses it */
export function createTallies(writer: string): Tallies {
  const open = new Map<string, { [K in UsageStep]: Tally }>();
  const dirty = new Set<Tally>();
  let generation = 0;
  let lost = 0;

  const begin = (workspaceId: string, keyId: string, step: UsageStep, at: number): Tally => ({
    keyId,
    step,
    at: stepAt(step, at),
    writer: `${writer}.${generation}`,
    workspaceId,
    accepted: 0,
    refused: 0,
    refusals: {},
    writtenCalls: 0,
  });

  const openOf = (workspaceId: string, keyId: string, at: number) => {
    const known = open.get(keyId);
    if (known !== undefined) return known;
    if (open.size >= mostKeys) letGo();
    const fresh = {
      minute: begin(workspaceId, keyId, 'minute', at),
      hour: begin(workspaceId, keyId, 'hour', at),
      day: begin(workspaceId, keyId, 'day', at),
    };
    open.set(keyId, fresh);
    return fresh;
  };

  /** A key that comes back is counted by a new writer, from zero, so that no total of the old one is written over. */
  const letGo = () => {
    generation += 1;
    for (const [keyId, tallies] of open) if (isWritten(tallies)) open.delete(keyId);
  };

  const giveUp = () => {
    for (const tally of dirty) {
      if (dirty.size <= mostClosed) return;
      if (tally.step !== 'minute' || open.get(tally.keyId)?.minute === tally) continue;
      dirty.delete(tally);
      lost += 1;
    }
  };

  return {
    record(workspaceId, keyId, at, code) {
      const tallies = openOf(workspaceId, keyId, at);
      for (const step of usageSteps) {
        let tally = tallies[step];
        // A clock that steps back counts into the window that is open.
        if (at >= tally.at + stepMs[step]) {
          tally = tallies[step] = begin(workspaceId, keyId, step, at);
          if (dirty.size > mostClosed) giveUp();
        }
        if (code === undefined) tally.accepted += 1;
        else {
          tally.refused += 1;
          tally.refusals[code] = (tally.refusals[code] ?? 0) + 1;
        }
        dirty.add(tally);
      }
    },
    unwritten: () =>
      Array.from(dirty, ({ writtenCalls: _written, ...row }) => ({ ...row, refusals: { ...row.refusals } })),
    written(rows) {
      const byRow = new Map(rows.map((row) => [rowKey(row), row.accepted + row.refused]));
      for (const tally of dirty) {
        const calls = byRow.get(rowKey(tally));
        if (calls === undefined) continue;
        tally.writtenCalls = calls;
        if (calls === tally.accepted + tally.refused) dirty.delete(tally);
      }
    },
    lost: () => lost,
  };
}

function rowKey({ keyId, step, at, writer }: Pick<LedgerRow, 'keyId' | 'step' | 'at' | 'writer'>): string {
  return `${keyId} ${step} ${at} ${writer}`;
}

function isWritten(tallies: OpenTallies): boolean {
  return usageSteps.every((step) => {
    const { accepted, refused, writtenCalls } = tallies[step];
    return writtenCalls === accepted + refused;
  });
}
