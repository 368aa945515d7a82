import type { PageLoad } from './$types.d.ts';

let leaving: Promise<never> | undefined;

/**
 * Leaves for the sign-in document, which is no page of the app (`src/sign-in/`). It is a route all the same, so that what
 * may not be left, as a dialog with a secret, is asked first.
 *
 * Whatever else finds out that the session is over comes too late to say where one was. It never settles: what is on the
 * screen stays until the browser has left.
 */
export const load: PageLoad = ({ url }) => {
  if (leaving === undefined) {
    location.replace(`/login${url.search}`);
    leaving = new Promise(() => undefined);
  }
  return leaving;
};
