/**
 * Next path: where to go after signing in. Only a place of ours: a link that somebody made must not lead elsewhere.
 *
 * @param next    what stands in the address, or null
 * @param origin  of this page
 */
export function safeNextPath(next: string | null, origin: string): string {
  if (next === null || !next.startsWith('/')) return '/';
  // The browser's own reading decides: `//evil`, `/\evil` and a tab in between all lead off this origin.
  if (!URL.canParse(next, origin)) return '/';
  const url = new URL(next, origin);
  // `/..//evil` is a path of ours that, written out, is none any more.
  const isOurs = url.origin === origin && !url.pathname.startsWith('//');
  return isOurs ? url.pathname + url.search : '/';
}
