/** Login path: the sign-in page that leads back to a path afterwards. A secret that stood in it does not come along. */
import { withoutSecrets } from '#lib/keys/secret-in-text.ts';

export function loginPath(next: string): string {
  return next === '/' ? '/login' : `/login?next=${encodeURIComponent(withoutSecrets(next))}`;
}
