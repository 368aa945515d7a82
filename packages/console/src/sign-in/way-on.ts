/** Way on: whether the sign-in document is shown at all. Pure. */
import type { Door } from '#lib/account/door.ts';
import { safeNextPath } from '#lib/account/next-path.ts';

/** The document answers two addresses; everything but `/signup` is the sign-in page. */
export const isSignUp = ({ pathname }: URL): boolean => /^\/signup\/?$/.test(pathname);

/**
 * Where to go instead of showing the page: who is signed in goes on, on an instance without people the first account is made.
 *
 * @returns undefined where the page is to be shown
 */
export function wayOn(url: URL, { isSignedIn, signUp }: Pick<Door, 'isSignedIn' | 'signUp'>): string | undefined {
  if (isSignedIn) return safeNextPath(url.searchParams.get('next'), url.origin);
  if (signUp === 'first' && !isSignUp(url)) return `/signup${url.search}`;
  return undefined;
}
