/**
 * Door: whether somebody is signed in, and whether new people may come, asked before a page of either is shown.
 *
 * Where the server does not answer, the page stands as it is: its form says so when it is sent.
 */

/** `first`: nobody is here yet, and who signs up runs the instance. */
export type SignUp = 'first' | 'open' | 'closed';

export interface Door {
  readonly isSignedIn: boolean;
  /** What the person signs in with; empty when nobody is signed in. */
  readonly email: string;
  readonly signUp: SignUp;
}

export async function lookAtDoor(fetch: typeof globalThis.fetch): Promise<Door> {
  const [session, signUp] = await Promise.all([ask(fetch, '/api/auth/get-session'), ask(fetch, '/api/auth/sign-up')]);
  return { isSignedIn: session !== null, email: emailOf(session), signUp: signUpOf(signUp) };
}

async function ask(fetch: typeof globalThis.fetch, path: string): Promise<unknown> {
  try {
    const response = await fetch(path, { credentials: 'same-origin', cache: 'no-store' });
    return response.ok ? await response.json() : null;
  } catch {
    return null;
  }
}

function signUpOf(answer: unknown): SignUp {
  const state = typeof answer === 'object' && answer !== null && 'state' in answer ? answer.state : undefined;
  return state === 'first' || state === 'closed' ? state : 'open';
}

function emailOf(session: unknown): string {
  const user = typeof session === 'object' && session !== null && 'user' in session ? session.user : undefined;
  const email = typeof user === 'object' && user !== null && 'email' in user ? user.email : undefined;
  return typeof email === 'string' ? email : '';
}
