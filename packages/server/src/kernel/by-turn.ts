/**
 * By turn: what comes in one turn of the event loop is handled together, after its I/O.
 *
 *   read, read, read … -> setImmediate -> handle all of them
 *
 * Every call to the system pushes our code and data out of the processor's nearest caches, so a guard that runs between a
 * read and a write runs cold each time: decision 0013, with the figures. One that comes alone is handled at once; one that
 * comes with others is handled when all of them are read.
 *
 * @param handle  is given what came, in its order, never nothing; must not throw
 * @returns takes one in
 */
export function byTurn<T>(handle: (all: readonly T[]) => void): (one: T) => void {
  let gathered: T[] = [];
  const run = () => {
    const all = gathered;
    gathered = [];
    handle(all);
  };
  return (one) => {
    if (gathered.push(one) === 1) setImmediate(run);
  };
}
