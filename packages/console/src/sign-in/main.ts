/**
 * Sign-in: the document of `/login` and `/signup`, beside the app and without SvelteKit, which weighs more than all of it.
 *
 *   who is there -> signed in, or nobody has an account yet: on to another page
 *                -> else the form; once it is through, on to where one wanted to go
 *
 * In and out are loads of a page: nothing in memory outlives a change of person.
 */
import '../app.css';
import '#lib/ui/language.ts';
import '#lib/ui/theme.svelte.ts';
import { mount } from 'svelte';
import { lookAtDoor } from '#lib/account/door.ts';
import { safeNextPath } from '#lib/account/next-path.ts';
import LoginPage from './LoginPage.svelte';
import SignUpPage from './SignUpPage.svelte';
import { isSignUp, wayOn } from './way-on.ts';

const url = new URL(location.href);
const door = await lookAtDoor(fetch);
const onward = wayOn(url, door);

if (onward === undefined) {
  const { signUp } = door;
  const onsuccess = () => location.replace(safeNextPath(url.searchParams.get('next'), url.origin));
  const props = { signUp, search: url.search, onsuccess };
  mount(isSignUp(url) ? SignUpPage : LoginPage, { target: document.body, props });
} else {
  location.replace(onward);
}
