/**
 * Soon: a value that is there already, or a promise of it.
 *
 * On its way through the guard a call met six promises; what is known needs none (decision 0013). What fails, fails as a
 * promise: whoever has to ask is the one who may get no answer.
 */
export type Soon<T> = T | Promise<T>;

/**
 * Goes on with a value when it is there: at once where it is.
 *
 * @param failed  for a promise that fails; what is thrown at once is the caller's
 */
export function andThen<T, Next>(
  value: Soon<T>,
  next: (value: T) => Soon<Next>,
  failed?: (error: unknown) => Soon<Next>,
): Soon<Next> {
  return value instanceof Promise ? value.then(next, failed) : next(value);
}
