import { error } from '@sveltejs/kit';
import type { PageLoad } from './$types.d.ts';

/** Every address that no page has: said within the frame, to whoever is signed in. */
export const load: PageLoad = () => error(404);
