/**
 * Tallies: what this process has counted, by key and by minute, hour and day, until the ledger has it.
 *
 *   record -> the open minute of the key -> (the minute is over) -> added to its hour and day
 *
 * A tally is a total of this writer, never a difference, so that it can be written any number of times. The open minute
 * alone changes with every call; hour and day hold the minutes that are closed, and change with them once a minute.
 * Pure, but for its own memory, which is bounded: see `mostKeys` and `mostMinutes`.
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

/** Names a row of the ledger. */
interface RowName {
  readonly keyId: string;
  readonly step: UsageStep;
  /** Start of the minute, hour or day, epoch ms. */
  readonly at: number;
  readonly writer: string;
  readonly workspaceId: string;
}

/** One row of the ledger. */
export interface LedgerRow extends RowName {
  readonly accepted: number;
  readonly refused: number;
  readonly refusals: Readonly<Partial<Record<RefusalCode, number>>>;
  /** A minute that is not in the writer's hour and day yet. */
  readonly isOpen: boolean;
}

/**
 * What of a minute or day a shared store was not told of, because it was away. Below zero where it has counted what
 * nobody was told of.
 */
export interface ApartRow extends RowName {
  readonly accepted: number;
  readonly refused: number;
  /** How often it changed, which tells the newer of two. */
  readonly changes: number;
}

/** Rows that belong together: a reader must see all of them or none. */
export interface LedgerRows {
  readonly usage: readonly LedgerRow[];
  readonly apart: readonly ApartRow[];
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
  /**
   * Counts calls of a key.
   *
   * @param counted  when, by the counter's time, and where
   * @param refused  unless one was admitted
   * @param cost     as how many calls that one counts; 1 unless told
   */
  record(key: CountedKey, counted: CountedWhen, refused: RefusedCalls | undefined, cost?: number): void;
  /** Notes that the shared store has counted calls which nobody was let through or refused for. */
  notCounted(key: CountedKey, at: number, accepted: number, refused: number): void;
  /** Closes minutes that are over, which is seen from the calls of others; all of them when told. */
  close(all?: boolean): void;
  /**
   * Rows that the ledger does not have yet, as they are now.
   *
   * @param most  some more than that where a key's rows belong together
   */
  unwritten(most: number): LedgerRows;
  /** Of how many keys there are such rows. */
  unwrittenKeys(): number;
  /** Tells that the ledger has these rows. What was counted meanwhile stays unwritten. */
  written(rows: LedgerRows): void;
  /** Minutes that were given up for want of room. Their calls are still in the hour and the day. */
  lost(): number;
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };
interface Tally extends Omit<Mutable<LedgerRow>, 'refusals'> {
  readonly refusals: Map<RefusalCode, number>;
  isWritten: boolean;
  /** Whether the ledger may have it, as it is now or as it was. */
  isKnown: boolean;
}
interface ApartTally extends Mutable<ApartRow> {
  isWritten: boolean;
}
/** What is counted of a key. */
interface Counted {
  minute: Tally;
  hour: Tally;
  day: Tally;
  apart: ApartTally[];
}
/** What of a key changed since it was written. */
interface Dirty {
  readonly usage: Set<Tally>;
  readonly apart: Set<ApartTally>;
}

/** Keys with open tallies, some 1 kB each. Past it, those that are written and over are let go. */
const mostKeys = 50_000;
/** Minutes that are not written, as while the database is away. Past it, closed ones are given up. */
const mostMinutes = 200_000;
/** How long after its end a minute is closed without a further call of its key: servers' clocks are never quite one. */
const lateMs = 5_000;

/** @param writer  names this process; no other ever uses it */
export function createTallies(writer: string): Tallies {
  const keys = new Map<string, Counted>();
  const dirty = new Map<string, Dirty>();
  let dirtyMinutes = 0;
  let latestAt = 0;
  let generation = 0;
  let lost = 0;

  const begin = ({ workspaceId, keyId }: CountedKey, step: UsageStep, at: number): Tally => ({
    keyId,
    step,
    at: stepAt(step, at),
    writer: `${writer}.${generation}`,
    workspaceId,
    accepted: 0,
    refused: 0,
    refusals: new Map(),
    isOpen: step === 'minute',
    isWritten: true,
    isKnown: false,
  });

  const dirtyOf = (keyId: string): Dirty => {
    let changed = dirty.get(keyId);
    if (changed === undefined) {
      changed = { usage: new Set(), apart: new Set() };
      dirty.set(keyId, changed);
    }
    return changed;
  };

  const change = (tally: Tally) => {
    if (!tally.isWritten) return;
    tally.isWritten = false;
    dirtyOf(tally.keyId).usage.add(tally);
    if (tally.step === 'minute') dirtyMinutes += 1;
  };

  /** Adds the minute to hour and day. */
  const close = (counted: Counted) => {
    const { minute } = counted;
    if (!minute.isOpen) return;
    minute.isOpen = false;
    change(minute);
    for (const step of ['hour', 'day'] as const) {
      if (minute.at >= counted[step].at + stepMs[step]) counted[step] = begin(minute, step, minute.at);
      const tally = counted[step];
      tally.accepted += minute.accepted;
      tally.refused += minute.refused;
      for (const [code, calls] of minute.refusals) addRefusals(tally, code, calls);
      change(tally);
    }
    if (dirtyMinutes > mostMinutes) giveUp();
  };

  /** One of which the ledger has an open row must be closed there, or it would be counted in its hour as well. */
  const giveUp = () => {
    for (const { usage } of dirty.values()) {
      for (const tally of usage) {
        if (tally.step !== 'minute' || tally.isOpen || tally.isKnown) continue;
        usage.delete(tally);
        dirtyMinutes -= 1;
        lost += 1;
        if (dirtyMinutes <= mostMinutes) return;
      }
    }
  };

  const countedOf = (key: CountedKey, at: number): Counted => {
    latestAt = Math.max(latestAt, at);
    let counted = keys.get(key.keyId);
    if (counted === undefined) {
      if (keys.size >= mostKeys) letGo();
      counted = {
        minute: begin(key, 'minute', at),
        hour: begin(key, 'hour', at),
        day: begin(key, 'day', at),
        apart: [],
      };
      keys.set(key.keyId, counted);
      return counted;
    }
    // A clock that steps back counts into the minute that is open, or into the one after the last that was closed.
    const { minute } = counted;
    const end = minute.at + stepMs.minute;
    if (at >= end || !minute.isOpen) {
      close(counted);
      counted.minute = begin(key, 'minute', Math.max(at, end));
    }
    return counted;
  };

  /** A key that comes back is counted by a new writer, from zero, so that no total of the old one is written over. */
  const letGo = () => {
    generation += 1;
    for (const [keyId, { minute, hour, day, apart }] of keys) {
      const isDone = !minute.isOpen && [minute, hour, day, ...apart].every(({ isWritten }) => isWritten);
      if (isDone) keys.delete(keyId);
    }
  };

  const setApart = (key: CountedKey, counted: Counted, at: number, accepted: number, refused: number) => {
    for (const step of ['minute', 'day'] as const) {
      let tally = counted.apart.find((one) => one.step === step);
      if (tally === undefined || at >= tally.at + stepMs[step]) {
        const { writer } = counted.minute;
        tally = { ...key, step, at: stepAt(step, at), writer, accepted: 0, refused: 0, changes: 0, isWritten: true };
        counted.apart = [...counted.apart.filter((one) => one.step !== step), tally];
      }
      // Of a window that is over nothing has to be told any more.
      if (at < tally.at) continue;
      tally.accepted += accepted;
      tally.refused += refused;
      tally.changes += 1;
      tally.isWritten = false;
      dirtyOf(key.keyId).apart.add(tally);
    }
  };

  return {
    record(key, { at, isApart }, refused, cost = 1) {
      const counted = countedOf(key, at);
      const { minute } = counted;
      if (refused === undefined) minute.accepted += cost;
      else {
        minute.refused += refused.calls;
        addRefusals(minute, refused.code, refused.calls);
      }
      change(minute);
      if (isApart) setApart(key, counted, at, refused === undefined ? cost : 0, refused?.calls ?? 0);
    },
    notCounted(key, at, accepted, refused) {
      setApart(key, countedOf(key, at), at, -accepted, -refused);
    },
    close(all = false) {
      for (const counted of keys.values()) {
        if (all || counted.minute.at + stepMs.minute + lateMs <= latestAt) close(counted);
      }
    },
    unwritten(most) {
      const usage: LedgerRow[] = [];
      const apart: ApartRow[] = [];
      for (const changed of dirty.values()) {
        for (const tally of changed.usage) usage.push(rowOf(tally));
        for (const { isWritten: _isWritten, ...row } of changed.apart) apart.push(row);
        if (usage.length + apart.length >= most) break;
      }
      return { usage, apart };
    },
    unwrittenKeys: () => dirty.size,
    written({ usage, apart }) {
      const rows = new Map(usage.map((row) => [nameOf(row), row]));
      const changes = new Map(apart.map((row) => [nameOf(row), row.changes]));
      for (const keyId of new Set([...usage, ...apart].map((row) => row.keyId))) {
        const changed = dirtyOf(keyId);
        for (const tally of changed.usage) {
          if (!isSame(tally, rows.get(nameOf(tally)))) continue;
          tally.isWritten = true;
          changed.usage.delete(tally);
          if (tally.step === 'minute') dirtyMinutes -= 1;
        }
        for (const tally of changed.apart) {
          if (changes.get(nameOf(tally)) !== tally.changes) continue;
          tally.isWritten = true;
          changed.apart.delete(tally);
        }
        // What changed meanwhile goes behind what waits.
        dirty.delete(keyId);
        if (changed.usage.size + changed.apart.size > 0) dirty.set(keyId, changed);
      }
    },
    lost: () => lost,
  };
}

function addRefusals({ refusals }: Tally, code: RefusalCode, calls: number): void {
  refusals.set(code, (refusals.get(code) ?? 0) + calls);
}

function rowOf(tally: Tally): LedgerRow {
  tally.isKnown = true;
  const { keyId, step, at, writer, workspaceId, accepted, refused, refusals, isOpen } = tally;
  return { keyId, step, at, writer, workspaceId, accepted, refused, refusals: Object.fromEntries(refusals), isOpen };
}

function isSame(tally: Tally, row: LedgerRow | undefined): boolean {
  return row?.accepted === tally.accepted && row.refused === tally.refused && row.isOpen === tally.isOpen;
}

function nameOf({ keyId, step, at, writer }: RowName): string {
  return `${keyId} ${step} ${at} ${writer}`;
}
