import { describe, expect, it } from 'vitest';
import type { SignUp } from '#lib/account/door.ts';
import { wayOn } from './way-on.ts';

const origin = 'http://127.0.0.1:4000';

const cases: [address: string, isSignedIn: boolean, signUp: SignUp, onward: string | undefined][] = [
  ['/login', false, 'open', undefined],
  ['/login', false, 'closed', undefined],
  ['/login', false, 'first', '/signup'],
  ['/login/?next=%2Fkeys', false, 'first', '/signup?next=%2Fkeys'],
  ['/login', true, 'open', '/'],
  ['/login?next=%2Fkeys%3Fnew', true, 'closed', '/keys?new'],
  ['/login?next=https%3A%2F%2Fevil.example', true, 'open', '/'],
  ['/signup', false, 'first', undefined],
  ['/signup/', false, 'first', undefined],
  ['/signup', false, 'open', undefined],
  ['/signup', false, 'closed', undefined],
  ['/signup?next=%2Frequests', true, 'open', '/requests'],
];

describe('the sign-in document', () => {
  it.each(cases)('at %s, signed in: %j, sign-up: %s, leads on to %j', (address, isSignedIn, signUp, onward) => {
    expect(wayOn(new URL(address, origin), { isSignedIn, signUp })).toBe(onward);
  });
});
