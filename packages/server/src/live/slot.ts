/**
 * Slot: what one watcher has not read yet. Newest wins, so a slow or stalled reader holds one pending value, never a
 * queue, and gets the newest truth when it reads again.
 */

export interface Slot<T> extends AsyncIterableIterator<T, undefined> {
  /** Puts in something new: `merge` makes one value of it and of what is still unread. Nothing after the end. */
  put(merge: (unread: T | undefined) => T): void;
  /** Ends it: the reader gets what is unread no more, and a waiting reader is released. */
  return(): Promise<IteratorReturnResult<undefined>>;
}

const ended: IteratorReturnResult<undefined> = { done: true, value: undefined };

/**
 * Opens a slot for one reader.
 *
 * @param onEnd  called once, when the reader goes or the slot is ended
 */
export function createSlot<T>(onEnd: () => void): Slot<T> {
  let unread: { value: T } | undefined;
  let waiting: ((result: IteratorResult<T, undefined>) => void) | undefined;
  let isOpen = true;

  const slot: Slot<T> = {
    put(merge) {
      if (!isOpen) return;
      const value = merge(unread?.value);
      if (waiting === undefined) {
        unread = { value };
        return;
      }
      const release = waiting;
      waiting = undefined;
      unread = undefined;
      release({ done: false, value });
    },
    next() {
      if (!isOpen) return Promise.resolve(ended);
      if (unread !== undefined) {
        const { value } = unread;
        unread = undefined;
        return Promise.resolve({ done: false, value });
      }
      if (waiting !== undefined) throw new Error('a slot has one reader, which reads one value at a time');
      return new Promise((resolve) => {
        waiting = resolve;
      });
    },
    return() {
      if (isOpen) {
        isOpen = false;
        unread = undefined;
        waiting?.(ended);
        waiting = undefined;
        onEnd();
      }
      return Promise.resolve(ended);
    },
    [Symbol.asyncIterator]: () => slot,
  };
  return slot;
}

/** Reads what a slot gathers one by one. Not a generator: its `return` would wait for the next value before it ends. */
export function eachOf<T>(slot: Slot<Iterable<T>>): AsyncIterableIterator<T> {
  let batch: Iterator<T> = [][Symbol.iterator]();
  const stream: AsyncIterableIterator<T> = {
    async next() {
      for (;;) {
        const { done, value } = batch.next();
        if (!done) return { done: false, value };
        const more = await slot.next();
        if (more.done) return more;
        batch = more.value[Symbol.iterator]();
      }
    },
    return: () => slot.return(),
    [Symbol.asyncIterator]: () => stream,
  };
  return stream;
}
