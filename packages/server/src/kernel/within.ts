/** Within: waits for something, but not for ever. */

/**
 * What the work gives. The work itself goes on; nobody is told how it ended.
 *
 * @throws Error with these words when it takes longer, and whatever the work throws before
 */
export async function within<T>(ms: number, work: Promise<T>, words: string): Promise<T> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(new Error(words)), ms);
  try {
    return await Promise.race([work, late.promise]);
  } finally {
    clearTimeout(timer);
    work.catch(() => {});
  }
}
