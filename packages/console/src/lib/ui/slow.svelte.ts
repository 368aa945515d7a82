/**
 * A value that follows another one, but slowly.
 *
 * For what is read aloud: a reader of the screen should hear where a meter stands, not every step of it.
 */

/**
 * @param read     the quick value; its reactive sources are not tracked beyond the pace
 * @param paceMs   the least time between two changes of the slow value
 */
export function slow<T>(read: () => T, paceMs: number): { readonly value: T } {
  let value = $state.raw(read());
  $effect(() => {
    const timer = setInterval(() => {
      value = read();
    }, paceMs);
    return () => clearInterval(timer);
  });
  return {
    get value() {
      return value;
    },
  };
}
