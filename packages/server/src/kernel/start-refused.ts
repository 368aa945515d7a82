/** The server cannot start, for a reason that the person who started it can mend. The message is one line for them. */
export class StartRefused extends Error {
  override name = 'StartRefused';
}
