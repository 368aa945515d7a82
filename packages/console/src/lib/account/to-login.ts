/**
 * To login: leaves the app for the sign-in page, which is a document of its own.
 *
 * Whoever says so first says where one was: what else finds out that the session is over, while the browser is on its way,
 * comes too late for that.
 */
import { loginPath } from './login-path.ts';

let isLeaving = false;

/** @param next  where to come back to @returns never, so that who waits for it shows nothing meanwhile */
export function toLogin(next: string): Promise<never> {
  if (!isLeaving) location.replace(loginPath(next));
  isLeaving = true;
  return new Promise(() => undefined);
}
