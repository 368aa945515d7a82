/** Ring: the last values of many. A new one takes the place of the oldest; nothing is moved. */
export interface Ring<T> {
  /** Takes a value in. @returns whether the oldest was let go for it */
  push(value: T): boolean;
  /** How many it was ever given. */
  total(): number;
  /** How many it has. */
  size(): number;
  /** The value that was given as the nth, from 1 on; undefined where it is gone or yet to come. */
  nth(n: number): T | undefined;
  /** All that it has, oldest first; then it is empty. */
  drain(): T[];
}

/** Opens one. @param most  how many it holds */
export function createRing<T>(most: number): Ring<T> {
  let values: T[] = [];
  let total = 0;
  const nth = (n: number) => (n > total - values.length && n <= total ? values[(n - 1) % most] : undefined);
  return {
    push(value) {
      const isFull = values.length === most;
      if (isFull) values[total % most] = value;
      else values.push(value);
      total += 1;
      return isFull;
    },
    total: () => total,
    size: () => values.length,
    nth,
    drain() {
      const turn = total % most;
      const all = values.length < most ? values : [...values.slice(turn), ...values.slice(0, turn)];
      values = [];
      total = 0;
      return all;
    },
  };
}
