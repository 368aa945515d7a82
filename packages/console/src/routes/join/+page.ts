import { lookAtDoor } from '#lib/account/door.ts';
import type { PageLoad } from './$types.d.ts';

/** Whoever has a link may come: signed in or not. */
export const load: PageLoad = ({ fetch, depends }) => {
  depends('gatekey:door');
  return lookAtDoor(fetch);
};
