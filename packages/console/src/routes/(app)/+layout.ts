import { redirect } from '@sveltejs/kit';
import { loginPath } from '#lib/account/login-path.ts';
import { ViewerQuery } from '#lib/account/viewer.documents.ts';
import { createAsk } from '#lib/live/ask.ts';
import type { LayoutLoad } from './$types.d.ts';

/** Asks who is here before a page of the workspace is shown. Nobody: to the sign-in page, and back here afterwards. */
export const load: LayoutLoad = async ({ fetch, url, untrack, depends }) => {
  depends('gatekey:viewer');
  const answer = await createAsk({ fetch })(ViewerQuery, {});
  if (!answer.ok && answer.trouble.kind === 'signed-out')
    redirect(302, loginPath(untrack(() => url.pathname + url.search)));
  if (!answer.ok) return { opened: null, trouble: answer.trouble.message, isNowhere: false };
  const { viewer, workspace } = answer.data;
  if (viewer.user === null) redirect(302, '/login');
  const isNowhere = workspace === null;
  return { opened: isNowhere ? null : { viewer, workspace }, trouble: '', isNowhere };
};
