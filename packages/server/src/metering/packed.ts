/** Packed counts, as the scripts of Redis keep and tell them: little-endian doubles. Pure. */
import { windowsAt } from '@gatekey/shared';
import type { Tally } from './book.ts';
import type { StoredCounts } from './taken.ts';

const bytes = 8;
/** at mu mr du dr ou or */
export const countsBytes = 7 * bytes;

/** Reads mu mr du dr ou or, counts of the windows that hold an instant. @param at  epoch ms */
export function readTally(packed: Buffer, start: number, at: number): Tally {
  return {
    at: windowsAt(at).minute.startsAt,
    used: {
      minute: packed.readDoubleLE(start),
      day: packed.readDoubleLE(start + 2 * bytes),
      month: packed.readDoubleLE(start + 4 * bytes),
    },
    refused: {
      minute: packed.readDoubleLE(start + bytes),
      day: packed.readDoubleLE(start + 3 * bytes),
      month: packed.readDoubleLE(start + 5 * bytes),
    },
  };
}

/** Reads at mu mr du dr ou or. */
export function readCounts(packed: Buffer, start: number): StoredCounts {
  const { used, refused } = readTally(packed, start + bytes, 0);
  return { at: packed.readDoubleLE(start), used, refused };
}

/** The numbers of counts in the order of the scripts: mu mr du dr ou or. */
export function numbersOf({ used, refused }: StoredCounts): number[] {
  return [used.minute, refused.minute, used.day, refused.day, used.month, refused.month];
}
