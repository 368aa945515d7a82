import { redirect } from '@sveltejs/kit';
import { lookAtDoor } from '#lib/account/door.ts';
import { safeNextPath } from '#lib/account/next-path.ts';
import type { PageLoad } from './$types.d.ts';

/** Who is signed in goes on; on an instance without people the first account is made. */
export const load: PageLoad = async ({ fetch, url }) => {
  const { isSignedIn, signUp } = await lookAtDoor(fetch);
  if (isSignedIn) redirect(302, safeNextPath(url.searchParams.get('next'), url.origin));
  if (signUp === 'first') redirect(302, `/signup${url.search}`);
  return { signUp };
};
