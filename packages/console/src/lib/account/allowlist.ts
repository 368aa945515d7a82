/** Allowlist: a list of allowed addresses as it is typed, and whom another list would lock out. Pure. */
import { type AddressRange, formatRange, isWithin, parseAddress, parseRange } from '@gatekey/shared';

export interface ReadAllowlist {
  /** Canonical, each once. */
  readonly entries: string[];
  /** What is no address and no range, with its line, from 1. */
  readonly bad: readonly { readonly line: number; readonly text: string }[];
}

/** Reads one entry a line; empty lines say nothing. */
export function readAllowlist(text: string): ReadAllowlist {
  const entries = new Set<string>();
  const bad: { line: number; text: string }[] = [];
  for (const [index, line] of text.split('\n').entries()) {
    const typed = line.trim();
    if (typed === '') continue;
    const range = parseRange(typed);
    if (range === undefined) bad.push({ line: index + 1, text: typed });
    else entries.add(formatRange(range));
  }
  return { entries: [...entries], bad };
}

/** Whether a call from an address passes; an empty list lets any pass. */
export function passes(entries: readonly string[], address: string): boolean {
  const from = parseAddress(address);
  if (entries.length === 0 || from === undefined) return true;
  const ranges = entries.map(parseRange).filter((range): range is AddressRange => range !== undefined);
  return isWithin(from, ranges);
}

/** Whether an address passes now and would not once the list is `next`. */
export function isLockedOut(
  address: string | null,
  now: readonly string[],
  next: readonly string[],
): address is string {
  return address !== null && passes(now, address) && !passes(next, address);
}
