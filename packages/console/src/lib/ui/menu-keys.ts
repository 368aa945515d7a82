/** Menu keys: where a key press leads in a list of choices. Pure. */

/**
 * The item to go to, round both ends; undefined where the key means nothing here.
 *
 * @param now     the item that has the focus; -1 = none
 * @param labels  of all items, for first letters
 */
export function nextItem(key: string, now: number, labels: readonly string[]): number | undefined {
  const count = labels.length;
  if (count === 0) return undefined;
  if (key === 'ArrowDown') return (now + 1) % count;
  if (key === 'ArrowUp') return (Math.max(now, 0) - 1 + count) % count;
  if (key === 'Home') return 0;
  if (key === 'End') return count - 1;
  if (key.length !== 1 || key === ' ') return undefined;
  const order = Array.from({ length: count }, (_, step) => (now + 1 + step) % count);
  return order.find((index) => labels[index]?.toLocaleLowerCase().startsWith(key.toLocaleLowerCase()));
}
