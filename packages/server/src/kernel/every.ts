/** Every: looks for work now, and again and again. */

export interface Every {
  /** Looks at once, unless it is looking. */
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
  let running: Promise<unknown> | undefined;
  const now = () => {
    if (!isOpen || running !== undefined) return;
    running = look()
      .catch(onFailure)
      .finally(() => {
        running = undefined;
      });
  };
  const timer = setInterval(now, ms);
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
