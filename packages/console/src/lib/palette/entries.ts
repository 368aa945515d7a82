/** Entries: what the palette offers, and what of it a text means. Pure. */

export const entryGroups = ['pages', 'actions', 'keys'] as const;
export type EntryGroup = (typeof entryGroups)[number];

export interface Entry {
  /** One of its kind, and good as a part of an id in the page. */
  readonly id: string;
  readonly group: EntryGroup;
  readonly label: string;
  /** Beside the label: of a key, its hint. */
  readonly note?: string;
  readonly run: () => void;
}

/**
 * The entries that have every word of a text in their label, those first in which a word begins with it; else in the order
 * that they have.
 */
export function matchingEntries(entries: readonly Entry[], text: string): readonly Entry[] {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  const ranked = entries.map((entry) => ({ entry, rank: rankOf(entry.label.toLowerCase(), words) }));
  return ranked
    .filter(({ rank }) => rank > 0)
    .toSorted((a, b) => b.rank - a.rank)
    .map(({ entry }) => entry);
}

/** 0 = not meant. */
function rankOf(label: string, words: readonly string[]): number {
  if (!words.every((word) => label.includes(word))) return 0;
  return words.every((word) => ` ${label}`.includes(` ${word}`)) ? 2 : 1;
}

/** In the order of the groups. What comes late comes last, so that nothing moves under a key that is being pressed. */
export function inGroups(
  entries: readonly Entry[],
): { readonly group: EntryGroup; readonly entries: readonly Entry[] }[] {
  return entryGroups
    .map((group) => ({ group, entries: entries.filter((entry) => entry.group === group) }))
    .filter(({ entries }) => entries.length > 0);
}

/** The entry that a key press leads to, round both ends; undefined where the key means nothing here. */
export function entryAfter(entries: readonly Entry[], activeId: string | undefined, key: string): Entry | undefined {
  const step = key === 'ArrowDown' ? 1 : key === 'ArrowUp' ? -1 : 0;
  if (step === 0 || entries.length === 0) return undefined;
  const now = entries.findIndex(({ id }) => id === activeId);
  return entries[(Math.max(now, step === 1 ? -1 : 0) + step + entries.length) % entries.length];
}
