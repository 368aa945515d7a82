/**
 * Batch: what was asked in one step, by workspace and key, as take.lua decides it.
 *
 *   add, add, add … -> encode -> take.lua -> answer -> each item what became of it
 *
 * Takes of one key are one number to the script: it says how many were admitted, and those are the first. So a key
 * that is called a hundred times in a turn costs the store as much as one that is called once.
 */
import type { Limits } from '@gatekey/shared';
import type { Tally } from './book.ts';
import type { CountedCall, StoreAway } from './counter.ts';
import { bytes, countsBytes, readCounts, readNumber } from './packed.ts';
import { hasRoom } from './taken.ts';

/** Decisions in one script call: what Redis does within some 2 ms, in which it serves nobody else. */
const mostItems = 256;
/** More than the takes of a key in a batch, and than what one may cost; take.lua has the same. */
const takesBase = 512;
const costBase = 1_024;

/** What is asked, and who is told. */
export interface Item {
  readonly operation: 'take' | 'peek' | 'refuse';
  readonly call: CountedCall;
  /** As how many calls it counts when it is admitted; how many refused calls. */
  readonly times: number;
  done(answer: Answer): void;
  fail(error: StoreAway): void;
}

export interface Answer {
  /** `missing`: Redis has no counts of the workspace, and nothing was done. */
  readonly outcome: 'admitted' | 'refused' | 'missing';
  /** Redis's own time, epoch ms. */
  readonly at: number;
  /** After all of the batch that is the key's. */
  readonly workspace: Tally;
  readonly key: Tally;
  /** What was admitted of the key after this call, and is in both. */
  readonly later: number;
}

export interface Batch {
  /** Takes an item in; false where it must be in another one. */
  add(item: Item): boolean;
  items(): readonly Item[];
  /** KEYS and ARGV of take.lua, without the lane's. */
  encode(hashOf: (workspaceId: string) => string): { readonly keys: string[]; readonly values: (string | number)[] };
  /** Tells of each item what the script said. */
  answer(packed: DataView, tell: (item: Item, answer: Answer) => void): void;
}

/** What is asked of one key. */
interface Asked {
  readonly call: CountedCall;
  readonly quotas: string;
  readonly items: Item[];
  /** Of each of its takes; 0 before the first. */
  cost: number;
  takes: number;
  refused: number;
}

/** An empty one. */
export function createBatch(): Batch {
  const items: Item[] = [];
  const byKey = new Map<string, Asked>();
  const byWorkspace = new Map<string, Asked[]>();

  const ask = (call: CountedCall, quotas: string): Asked => {
    const asked: Asked = { call, quotas, items: [], cost: 0, takes: 0, refused: 0 };
    byKey.set(call.keyId, asked);
    const others = byWorkspace.get(call.workspaceId);
    if (others === undefined) byWorkspace.set(call.workspaceId, [asked]);
    else others.push(asked);
    return asked;
  };

  return {
    add(item) {
      if (items.length >= mostItems) return false;
      const { call, operation, times } = item;
      const quotas = quotasOf(call);
      const asked = byKey.get(call.keyId) ?? ask(call, quotas);
      // Its limits have just been changed: each is decided by those that it came with.
      if (asked.quotas !== quotas) return false;
      if (operation === 'take' && asked.takes > 0 && asked.cost !== times) return false;
      items.push(item);
      asked.items.push(item);
      if (operation === 'take') {
        asked.takes += 1;
        asked.cost = times;
      }
      if (operation === 'refuse') asked.refused += times;
      return true;
    },
    items: () => items,
    encode(hashOf) {
      const sets = new Map<string, number>();
      for (const { quotas } of byKey.values()) if (!sets.has(quotas)) sets.set(quotas, sets.size);
      const keys: string[] = [];
      const values: (string | number)[] = [sets.size, ...sets.keys()];
      for (const [workspaceId, all] of byWorkspace) {
        keys.push(hashOf(workspaceId));
        let left = all.length;
        for (const { call, quotas, cost, takes, refused } of all) {
          left -= 1;
          const place = ((refused * costBase + cost) * takesBase + takes) * sets.size + (sets.get(quotas) ?? 0);
          values.push(call.keyId, place * 2 + (left > 0 ? 1 : 0));
        }
      }
      return { keys, values };
    },
    answer(packed, tell) {
      const at = readNumber(packed, bytes);
      let start = 2 * bytes;
      for (const all of byWorkspace.values()) {
        for (const asked of all) {
          tellOfKey(asked, at, packed, start, tell);
          start += bytes + 2 * countsBytes;
        }
      }
    },
  };
}

function tellOfKey(
  { items, cost }: Asked,
  at: number,
  packed: DataView,
  start: number,
  tell: (item: Item, answer: Answer) => void,
): void {
  let admitted = readNumber(packed, start);
  const isMissing = admitted < 0;
  const workspace = readCounts(packed, start + bytes);
  const key = readCounts(packed, start + bytes + countsBytes);
  for (const item of items) {
    const { operation, call, times } = item;
    let outcome: Answer['outcome'] = 'refused';
    let later = 0;
    if (isMissing) outcome = 'missing';
    else if (operation === 'peek') {
      const hasSpace = hasRoom(workspace.used, call.planLimits, times) && hasRoom(key.used, call.keyLimits, times);
      if (hasSpace) outcome = 'admitted';
    } else if (operation === 'take' && admitted > 0) {
      outcome = 'admitted';
      admitted -= 1;
      later = admitted * cost;
    }
    tell(item, { outcome, at, workspace, key, later });
  }
}

/** Of calls that come again and again, so that the text is made once. */
const quotaTexts = new WeakMap<CountedCall, string>();

function quotasOf(call: CountedCall): string {
  let text = quotaTexts.get(call);
  if (text === undefined) {
    text = `${textOf(call.planLimits)} ${textOf(call.keyLimits)}`;
    quotaTexts.set(call, text);
  }
  return text;
}

const textOf = ({ minute, day, month }: Limits) => `${minute ?? -1} ${day ?? -1} ${month ?? -1}`;
