/**
 * Attempts: how often passwords may be tried and accounts made.
 *
 * Wrong passwords are counted by account and address together, so that nobody is kept out by what others behind the same
 * address mistype; wider, by account alone and by address alone, against guessing from many places and at many accounts.
 * An account counts the same whether it exists or not.
 */
import { formatRange, parseAddress } from '@gatekey/shared';
import { z } from 'zod';
import type { Bound, Throttle } from './throttle.ts';

const Credentials = z.object({ email: z.string() });
/** Longer than any e-mail address. */
const longestName = 320;
const wrongPassword = 401;

/** A request to `/sign-in/email` or `/sign-up/email`. */
interface Attempt {
  readonly path: string;
  readonly request: Request;
  /** Canonical text of the client's address. */
  readonly address: string;
}

/**
 * Has an attempt answered, unless there were too many.
 *
 * @returns the answer, or the seconds to wait
 */
export async function attempt(
  throttle: Throttle,
  { path, request, address }: Attempt,
  handle: (request: Request) => Promise<Response>,
): Promise<Response | number> {
  const place = placeOf(address);
  if (path === '/sign-up/email') {
    const wait = throttle.take([{ name: `sign-up ${place}`, most: 20, windowSeconds: 60 }]);
    return wait ?? handle(request);
  }
  const guesses = guessesAt(await accountOf(request), place);
  // Right passwords too: each costs the work of a check.
  const wait = throttle.take([...guesses, { name: `sign-in ${place}`, most: 60, windowSeconds: 60 }]);
  if (wait !== undefined) return wait;
  const answer = await handle(request);
  if (answer.status !== wrongPassword) throttle.giveBack(guesses);
  return answer;
}

function guessesAt(account: string | undefined, place: string): Bound[] {
  if (account === undefined) return [];
  return [
    { name: `account ${account} ${place}`, most: 5, windowSeconds: 60 },
    { name: `account ${account}`, most: 50, windowSeconds: 600 },
  ];
}

/** As better-auth reads it; undefined where there is none, which it refuses. */
async function accountOf(request: Request): Promise<string | undefined> {
  const body: unknown = await request
    .clone()
    .json()
    .catch(() => undefined);
  return Credentials.safeParse(body).data?.email.toLowerCase().slice(0, longestName);
}

/** Whoever has one IPv6 address has all of its /64. */
function placeOf(text: string): string {
  const address = parseAddress(text);
  if (address?.family !== 6) return text;
  return formatRange({ family: 6, bits: (address.bits >> 64n) << 64n, prefix: 64 });
}
