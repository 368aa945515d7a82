/** Packed counts, as the scripts of Redis keep and tell them: little-endian doubles. Pure. */
import type { Tally } from './book.ts';
import type { StoredCounts } from './taken.ts';

/** Of a number. */
export const bytes = 8;
/** at mu mr du dr ou or */
export const countsBytes = 7 * bytes;

/** The answer of a script, to be read. @throws TypeError when it is none */
export function viewOf(packed: unknown): DataView {
  if (!Buffer.isBuffer(packed)) throw new TypeError('the script answers with packed numbers');
  return new DataView(packed.buffer, packed.byteOffset, packed.byteLength);
}

/** Reads the number at a place. */
export function readNumber(packed: DataView, start: number): number {
  return packed.getFloat64(start, true);
}

/** Reads at mu mr du dr ou or. */
export function readCounts(packed: DataView, start: number): Tally {
  return {
    at: readNumber(packed, start),
    used: {
      minute: readNumber(packed, start + bytes),
      day: readNumber(packed, start + 3 * bytes),
      month: readNumber(packed, start + 5 * bytes),
    },
    refused: {
      minute: readNumber(packed, start + 2 * bytes),
      day: readNumber(packed, start + 4 * bytes),
      month: readNumber(packed, start + 6 * bytes),
    },
  };
}

/** The numbers of counts in the order of the scripts: mu mr du dr ou or. */
export function numbersOf({ used, refused }: StoredCounts): number[] {
  return [used.minute, refused.minute, used.day, refused.day, used.month, refused.month];
}
