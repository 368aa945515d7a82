/**
 * Target: what a request asks for, and whether everybody on its way reads that alike.
 *
 * Frameworks differ in what they make of `/a/../b`, `/a//b` or `/a%2Fb`. A path that two of them may read as two is
 * refused, so that no spelling of it passes by a rule or leaves the prefix, and all others go on byte for byte.
 */

export interface Target {
  /** The path with its query, as it came. */
  readonly raw: string;
  /** Decoded, without the query and without a slash at its end. */
  readonly path: string;
}

/** What is said of a target that could be read in two ways. */
export const unclearTarget =
  'The path could be read in more than one way: leave out empty, `.` and `..` segments, backslashes, and %2F, %5C and %00.';

/** Between two slashes, written or decoded: nothing, here, above. */
const unclear = /\/(\.{0,2})(?=\/)|\/\.{1,2}$/;
const hiddenSeparators = /%2f|%5c|%00|\\/i;

/**
 * Reads a request target.
 *
 * @param url  as on the request line; a proxy may have sent `http://host` before the path
 * @returns undefined where it could be read in two ways, or not at all
 * @see RFC 9112 section 3.2, RFC 3986 sections 2.2 and 6.2.2
 */
export function readTarget(url: string): Target | undefined {
  const raw = url.replace(/^[a-z][a-z0-9+.-]*:\/\/[^/?#]*/i, '').replace(/#.*$/, '');
  const written = raw.split('?', 1)[0] ?? '';
  if (!written.startsWith('/') || hiddenSeparators.test(written)) return undefined;
  let path: string;
  try {
    path = decodeURIComponent(written);
  } catch {
    return undefined;
  }
  return unclear.test(path) ? undefined : { raw, path: path.length > 1 ? path.replace(/\/$/, '') : path };
}
