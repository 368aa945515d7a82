/** Every: looks for work now, and again and again. */

export interface Every {
  /** Looks at once; while it is looking, once more after that. */
  now(): void;
  /** Looks no more; settles when the last look is over. */
  end(): Promise<void>;
}

/**
 * Begins to look, one look at a time.
 *
 * @param onFailure  told what a look throws; the next one comes all the same
 */
export function every(ms: number, look: () => Promise<unknown>, onFailure: (error: unknown) => void): Every {
  let isOpen = true;
  let isAgain = false;
  let running: Promise<unknown> | undefined;
  const begin = () => {
    if (!isOpen || running !== undefined) return;
    isAgain = false;
    running = look()
      .catch(onFailure)
      .finally(() => {
        running = undefined;
        if (isAgain) begin();
      });
  };
  const now = () => {
    isAgain = true;
    begin();
  };
  const timer = setInterval(begin, ms);
  now();
  return {
    now,
    async end() {
      isOpen = false;
      clearInterval(timer);
      await running;
    },
  };
}
