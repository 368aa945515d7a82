/**
 * Tallies: what this process has counted, by key and by minute, hour and day, until the ledger has it.
 *
 * A tally is a total since its window began (for this writer), never a difference, so that it can be written any number
 * of times. Pure, but for its own memory, which is bounded: see `mostKeys` and `mostClosed`.
 */
import type { RefusalCode } from '@gatekey/shared';
import type { CountedCall, Taken } from './counter.ts';

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
  /** The part of it that was counted apart; only where there is any, and not for hours. */
  readonly apart?: Readonly<Apart>;
}

/** What a shared store was not told of, because it was away. Below zero where it has counted what nobody was told of. */
interface Apart {
  accepted: number;
  refused: number;
  /** How often it changed, which tells the newer of two. */
  changes: number;
}

/** Whose calls. */
export type CountedKey = Pick<CountedCall, 'workspaceId' | 'keyId'>;
/** When calls were counted, epoch ms, and whether apart. */
export type CountedWhen = Pick<Taken, 'at' | 'isApart'>;
export interface RefusedCalls {
  readonly code: RefusalCode;
  readonly calls: number;
}

export interface Tallies {
  /** Counts calls of a key. @param counted  when, by the counter's time, and where  @param refused  unless one was admitted */
  record(key: CountedKey, counted: CountedWhen, refused: RefusedCalls | undefined): void;
  /** Notes that the shared store has counted calls which nobody was let through or refused for. */
  notCounted(key: CountedKey, at: number, accepted: number, refused: number): void;
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
  apart?: Apart;
  /** What `versionOf` said when it was last written. */
  writtenVersion: number;
}
type OpenTallies = { [K in UsageStep]: Tally };

/** Keys with open tallies, some 1 kB each. Past it, those that are written are let go. */
const mostKeys = 50_000;
/** Tallies that are over and not written, as while the database is away. Past it, the oldest minutes are given up. */
const mostClosed = 200_000;

/** @param writer  names this process; no other ever uses it */
export function createTallies(writer: string): Tallies {
  const open = new Map<string, OpenTallies>();
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
    writtenVersion: 0,
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

  /** The tally that is open at an instant. A clock that steps back counts into the one that was open before. */
  const current = (tallies: OpenTallies, workspaceId: string, keyId: string, step: UsageStep, at: number) => {
    if (at >= tallies[step].at + stepMs[step]) {
      tallies[step] = begin(workspaceId, keyId, step, at);
      if (dirty.size > mostClosed) giveUp();
    }
    return tallies[step];
  };

  const setApart = ({ minute, day }: OpenTallies, at: number, accepted: number, refused: number) => {
    for (const tally of [minute, day]) {
      // Of a window that is over nothing has to be told any more.
      if (at < tally.at) continue;
      tally.apart ??= { accepted: 0, refused: 0, changes: 0 };
      tally.apart.accepted += accepted;
      tally.apart.refused += refused;
      tally.apart.changes += 1;
      dirty.add(tally);
    }
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
    record({ workspaceId, keyId }, { at, isApart }, refused) {
      const tallies = openOf(workspaceId, keyId, at);
      for (const step of usageSteps) {
        const tally = current(tallies, workspaceId, keyId, step, at);
        if (refused === undefined) tally.accepted += 1;
        else {
          tally.refused += refused.calls;
          tally.refusals[refused.code] = (tally.refusals[refused.code] ?? 0) + refused.calls;
        }
        dirty.add(tally);
      }
      if (isApart) setApart(tallies, at, refused === undefined ? 1 : 0, refused?.calls ?? 0);
    },
    notCounted({ workspaceId, keyId }, at, accepted, refused) {
      const tallies = openOf(workspaceId, keyId, at);
      for (const step of usageSteps) current(tallies, workspaceId, keyId, step, at);
      setApart(tallies, at, -accepted, -refused);
    },
    unwritten: () =>
      Array.from(dirty, ({ writtenVersion: _written, apart, ...row }) => ({
        ...row,
        refusals: { ...row.refusals },
        ...(apart === undefined ? {} : { apart: { ...apart } }),
      })),
    written(rows) {
      const byRow = new Map(rows.map((row) => [rowKey(row), versionOf(row)]));
      for (const tally of dirty) {
        const version = byRow.get(rowKey(tally));
        if (version === undefined) continue;
        tally.writtenVersion = version;
        if (version === versionOf(tally)) dirty.delete(tally);
      }
    },
    lost: () => lost,
  };
}

function rowKey({ keyId, step, at, writer }: Pick<LedgerRow, 'keyId' | 'step' | 'at' | 'writer'>): string {
  return `${keyId} ${step} ${at} ${writer}`;
}

/** Grows with every change. */
function versionOf({ accepted, refused, apart }: Pick<LedgerRow, 'accepted' | 'refused' | 'apart'>): number {
  return accepted + refused + (apart?.changes ?? 0);
}

function isWritten(tallies: OpenTallies): boolean {
  return usageSteps.every((step) => tallies[step].writtenVersion === versionOf(tallies[step]));
}
