/** Everything is drawn in the browser: what the console shows belongs to the person who is signed in. */
export const ssr = false;
export const prerender = false;
