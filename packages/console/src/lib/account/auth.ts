/**
 * Auth: signing up, in and out, through better-auth's own routes.
 *
 * Plain requests instead of its client, which alone would be half of what the sign-in page may weigh. The session is a
 * cookie that scripts cannot read, and the same for all tabs: the others are told. A no is a value, in the server's own
 * words where it has some; those are English in every language.
 */
import { m } from '#messages';
import { tellSessionChanged } from './session-news.ts';

export type AuthAnswer = { readonly ok: true } | { readonly ok: false; readonly message: string };

export interface Credentials {
  readonly email: string;
  readonly password: string;
}

export const signUp = (person: Credentials & { readonly name: string }): Promise<AuthAnswer> =>
  post('sign-up/email', person);

export const signIn = (credentials: Credentials): Promise<AuthAnswer> => post('sign-in/email', credentials);

export const signOut = (): Promise<AuthAnswer> => post('sign-out', {});

async function post(path: string, body: object): Promise<AuthAnswer> {
  try {
    const response = await fetch(`/api/auth/${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      credentials: 'same-origin',
      body: JSON.stringify(body),
    });
    if (response.ok) {
      tellSessionChanged();
      return { ok: true };
    }
    if (response.status === 429) {
      return { ok: false, message: m.account_too_many({ seconds: Number(response.headers.get('retry-after')) }) };
    }
    return { ok: false, message: await messageOf(response) };
  } catch {
    return { ok: false, message: m.account_unreachable() };
  }
}

async function messageOf(response: Response): Promise<string> {
  const body: unknown = await response.json().catch(() => null);
  const hasMessage = typeof body === 'object' && body !== null && 'message' in body;
  return hasMessage && typeof body.message === 'string' && body.message !== '' ? body.message : m.account_failed();
}
