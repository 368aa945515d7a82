/**
 * Book: the counts of workspaces and their keys in the memory of this process.
 *
 * In a server by itself it is where counts live. Beside a shared store it is what was last heard from there: enough to
 * refuse a caller whose limit is spent, and to go on with when the store is away.
 * Each step runs to its end before the next begins, as JavaScript does, so nothing can come between a check and its
 * count. Bound: one record of some 300 B a workspace and a key that was called this month; the longest idle are let go.
 */
import { windowKinds, windowsAt } from '@gatekey/shared';
import type { CountedCall, Taken, UsageCounts } from './counter.ts';
import type { WorkspaceCounts } from './ledger.ts';
import { currentCounts, currentUsed, hasRoom, noCounts, type StoredCounts, takenFrom, type Used } from './taken.ts';

type Mutable<T> = { -readonly [K in keyof T]: T[K] };
/** Counts that a step may change; of the shape of `StoredCounts`. */
export interface Tally {
  at: number;
  readonly used: Mutable<Used>;
  readonly refused: Mutable<Used>;
}
interface Account {
  workspace: Tally;
  readonly keys: Map<string, Tally>;
  /** Whether every key that was called this month is here; else only those that were heard of. */
  isWhole: boolean;
  touchedAt: number;
}

/** How a call is decided: counted if there is room; looked at; counted whatever the limits say. */
export type Manner = 'take' | 'peek' | 'pass';

export interface Book {
  /** Whether a call of a key can be decided on. */
  knows(workspaceId: string, keyId: string): boolean;
  /** Whether all counts of a workspace are here. */
  isWhole(workspaceId: string): boolean;
  /** Takes over all counts of a workspace. Where it knows of more already, that stays. */
  adopt(workspaceId: string, counts: WorkspaceCounts, at: number): void;
  /** Notes what the shared store said of a workspace and a key, in place of what was known. @param at  when, epoch ms */
  learn(call: CountedCall, workspace: Tally, key: Tally, at: number): void;
  /** Decides on a call of a key that it knows. @param at  epoch ms @param cost  as how many calls it counts */
  decide(call: CountedCall, at: number, manner: Manner, cost: number): Taken;
  /** The same where all counts of the workspace are here, else undefined: in a server by itself, one look-up a call. */
  decideIfWhole(call: CountedCall, at: number, manner: Manner, cost: number): Taken | undefined;
  /** Counts calls that were refused before their limits. */
  refuse(workspaceId: string, keyId: string, at: number, times: number): void;
  /** Takes a call out of the windows that it was counted in, where they are the current ones; never below zero. */
  giveBack(workspaceId: string, keyId: string, at: number, cost: number): void;
  /** The refusal of a call, where it was learnt a moment ago that a limit of it is spent; counts nothing. */
  refusalOf(call: CountedCall, at: number, cost: number): Taken | undefined;
  read(workspaceId: string, keyIds: readonly string[], at: number): UsageCounts;
  /** From now on no workspace counts as whole: somebody else counts, too. */
  doubt(): void;
  /** How many records it holds. */
  size(): number;
}

/** Records from which on idle ones are looked for; more when all are in use. */
const firstSweepAt = 1_000;
const mostRecords = 200_000;
/** Past it all are forgotten, which costs each a question to the store. */
const mostSpent = 50_000;
/** For how long a limit is taken for spent without asking, ms. */
const spentHoldsMs = 1_000;
/** What was not called for this long may be let go once there are too many; its last calls are in the ledger. */
const idleMs = 10_000;

export function createBook(): Book {
  const accounts = new Map<string, Account>();
  /** Keys and workspaces of which a limit was learnt to be spent, and when: few, so that a call of no such key asks only here. */
  const spent = new Map<string, number>();
  let records = 0;
  let sweepAt = firstSweepAt;

  const letGo = (workspaceId: string, account: Account) => {
    accounts.delete(workspaceId);
    records -= 1 + account.keys.size;
  };

  const sweep = (at: number) => {
    const { startsAt } = windowsAt(at).month;
    for (const [id, account] of accounts) if (account.workspace.at < startsAt) letGo(id, account);
    if (records > mostRecords) {
      for (const [id, account] of accounts) if (account.touchedAt < at - idleMs) letGo(id, account);
    }
    sweepAt = Math.max(firstSweepAt, Math.min(records * 2, records + mostRecords / 10));
  };

  const find = (workspaceId: string, at: number): Account | undefined => {
    if (records >= sweepAt) sweep(at);
    return accounts.get(workspaceId);
  };

  const open = (workspaceId: string, workspace: Tally, at: number): Account => {
    const account: Account = { workspace, keys: new Map(), isWhole: false, touchedAt: at };
    accounts.set(workspaceId, account);
    records += 1;
    return account;
  };

  const put = (account: Account, keyId: string, tally: Tally) => {
    if (!account.keys.has(keyId)) records += 1;
    account.keys.set(keyId, tally);
  };

  const noteSpent = (id: string, at: number) => {
    if (spent.size >= mostSpent) spent.clear();
    spent.set(id, at);
  };
  /** For as long, another server may have given calls back; then the store is asked. */
  const isSpent = (id: string, at: number) => at - (spent.get(id) ?? Number.NEGATIVE_INFINITY) < spentHoldsMs;

  const accountOf = (workspaceId: string): Account => {
    const account = accounts.get(workspaceId);
    if (account === undefined) throw new Error('a workspace was counted that is not known');
    return account;
  };

  /** Both tallies of a call, with the windows that are over set to zero. */
  const turned = (account: Account, keyId: string, at: number) => {
    account.touchedAt = at;
    const { month } = windowsAt(at);
    if (account.workspace.at < month.startsAt) {
      // None of its keys has any calls this month.
      records -= account.keys.size;
      account.keys.clear();
    }
    let key = account.keys.get(keyId);
    if (key === undefined) {
      key = tallyFrom(noCounts);
      put(account, keyId, key);
    }
    turn(account.workspace, at);
    turn(key, at);
    return { workspace: account.workspace, key };
  };

  const decideIn = (account: Account, call: CountedCall, at: number, manner: Manner, cost: number): Taken => {
    const { workspace, key } = turned(account, call.keyId, at);
    const hasSpace = hasRoom(workspace.used, call.planLimits, cost) && hasRoom(key.used, call.keyLimits, cost);
    const admitted = hasSpace || manner === 'pass';
    if (manner !== 'peek') {
      const [workspaceCounts, keyCounts] = admitted ? [workspace.used, key.used] : [workspace.refused, key.refused];
      add(workspaceCounts, admitted ? cost : 1);
      add(keyCounts, admitted ? cost : 1);
    }
    return takenFrom(call, at, admitted, workspace.used, key.used, cost);
  };

  return {
    knows(workspaceId, keyId) {
      const account = accounts.get(workspaceId);
      return account !== undefined && (account.isWhole || account.keys.has(keyId));
    },
    isWhole: (workspaceId) => accounts.get(workspaceId)?.isWhole === true,
    adopt(workspaceId, counts, at) {
      const account = find(workspaceId, at) ?? open(workspaceId, tallyFrom(counts.workspace), at);
      raise(account.workspace, counts.workspace, at);
      for (const [keyId, theirs] of counts.keys) {
        const known = account.keys.get(keyId);
        if (known === undefined) put(account, keyId, tallyFrom(theirs));
        else raise(known, theirs, at);
      }
      account.isWhole = true;
    },
    learn({ workspaceId, keyId, planLimits, keyLimits }, workspace, key, at) {
      const account = find(workspaceId, workspace.at) ?? open(workspaceId, tallyFrom(workspace), workspace.at);
      copy(workspace, account.workspace);
      account.touchedAt = workspace.at;
      const known = account.keys.get(keyId);
      if (known === undefined) put(account, keyId, tallyFrom(key));
      else copy(key, known);
      if (!hasRoom(workspace.used, planLimits, 1)) noteSpent(workspaceId, at);
      if (!hasRoom(key.used, keyLimits, 1)) noteSpent(keyId, at);
    },
    decide: (call, at, manner, cost) => decideIn(accountOf(call.workspaceId), call, at, manner, cost),
    decideIfWhole(call, at, manner, cost) {
      const account = accounts.get(call.workspaceId);
      return account?.isWhole ? decideIn(account, call, at, manner, cost) : undefined;
    },
    refuse(workspaceId, keyId, at, times) {
      const { workspace, key } = turned(accountOf(workspaceId), keyId, at);
      add(workspace.refused, times);
      add(key.refused, times);
    },
    giveBack(workspaceId, keyId, at, cost) {
      const account = accounts.get(workspaceId);
      const key = account?.keys.get(keyId);
      if (account === undefined || key === undefined) return;
      for (const tally of [account.workspace, key]) lessen(tally, at, cost);
    },
    refusalOf(call, at, cost) {
      if (spent.size === 0 || !(isSpent(call.keyId, at) || isSpent(call.workspaceId, at))) return undefined;
      const account = accounts.get(call.workspaceId);
      const key = account?.keys.get(call.keyId);
      if (account === undefined || key === undefined) return undefined;
      const [used, own] = [currentUsed(account.workspace, at), currentUsed(key, at)];
      const [hasSpace, hasOwn] = [hasRoom(used, call.planLimits, 1), hasRoom(own, call.keyLimits, 1)];
      if (hasSpace) spent.delete(call.workspaceId);
      if (hasOwn) spent.delete(call.keyId);
      return hasSpace && hasOwn ? undefined : takenFrom(call, at, false, used, own, cost);
    },
    read(workspaceId, keyIds, at) {
      const account = accounts.get(workspaceId);
      const keys = new Map(keyIds.map((keyId) => [keyId, currentCounts(account?.keys.get(keyId), at)]));
      return { at, workspace: currentCounts(account?.workspace, at), keys };
    },
    doubt() {
      for (const account of accounts.values()) account.isWhole = false;
    },
    size: () => records,
  };
}

function tallyFrom({ at, used, refused }: StoredCounts): Tally {
  return { at, used: { ...used }, refused: { ...refused } };
}

/** With every call, so each field by its name. */
function copy({ at, used, refused }: StoredCounts, into: Tally): void {
  into.at = at;
  into.used.minute = used.minute;
  into.used.day = used.day;
  into.used.month = used.month;
  into.refused.minute = refused.minute;
  into.refused.day = refused.day;
  into.refused.month = refused.month;
}

/** Sets the windows that are over to zero. A clock that steps back opens none again: what was counted stays counted. */
function turn(tally: Tally, at: number): void {
  const windows = windowsAt(at);
  if (tally.at >= windows.minute.startsAt) return;
  for (const kind of windowKinds) {
    if (tally.at < windows[kind].startsAt) tally.used[kind] = tally.refused[kind] = 0;
  }
  tally.at = windows.minute.startsAt;
}

/** Raises counts to those of another source of the same truth. */
function raise(tally: Tally, theirs: StoredCounts, at: number): void {
  turn(tally, at);
  const counts = currentCounts(theirs, at);
  for (const kind of windowKinds) {
    tally.used[kind] = Math.max(tally.used[kind], counts[kind].used);
    tally.refused[kind] = Math.max(tally.refused[kind], counts[kind].refused);
  }
}

/** Takes out what was counted at an instant. Windows that began later do not have it. */
function lessen(tally: Tally, at: number, cost: number): void {
  const [windows, own] = [windowsAt(at), windowsAt(tally.at)];
  for (const kind of windowKinds) {
    if (own[kind].startsAt === windows[kind].startsAt) tally.used[kind] = Math.max(0, tally.used[kind] - cost);
  }
}

function add(counts: Mutable<Used>, times: number): void {
  counts.minute += times;
  counts.day += times;
  counts.month += times;
}
