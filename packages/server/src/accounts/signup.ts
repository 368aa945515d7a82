/** Sign-up: who may still make an account. */
import { APIError } from 'better-auth';
import type { Database } from '../kernel/database.ts';
import { lockFirstAccount } from './home-workspace.ts';

/**
 * The database as better-auth writes people into it while sign-up is closed: the first account can be made, no other.
 *
 * Decided in the transaction that writes the person, one at a time, so that of many at once on an empty instance one
 * gets in.
 */
export function closedAfterFirst(database: Database) {
  return database.$extends({
    query: {
      user: {
        create: ({ args }) =>
          database.$transaction(async (tx) => {
            await lockFirstAccount(tx);
            if ((await tx.user.count()) === 0) return tx.user.create(args);
            throw new APIError('FORBIDDEN', {
              code: 'SIGNUP_CLOSED',
              message: 'Sign-up is closed on this instance.',
            });
          }),
      },
    },
  });
}

/** Whether new people may make an account: `first` while there is nobody, and then whatever else holds. */
export async function signUpState(database: Database, signup: 'open' | 'closed'): Promise<'first' | 'open' | 'closed'> {
  const anybody = await database.user.findFirst({ select: { id: true } });
  return anybody === null ? 'first' : signup;
}
