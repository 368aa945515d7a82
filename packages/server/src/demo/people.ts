/** People: who works in the demo's workspace. They sign up and join as everybody does. */
import { randomBytes } from 'node:crypto';
import type { Accounts } from '../accounts/accounts.ts';
import type { UserActor } from '../accounts/actor.ts';
import type { Members } from '../accounts/members.ts';
import type { Role } from '../accounts/role.ts';
import type { Workspaces } from '../accounts/workspaces.ts';
import type { Clock } from '../kernel/clock.ts';
import type { Database } from '../kernel/database.ts';
import type { Outcome } from '../kernel/problem.ts';
import type { Keys } from '../keys/keys.ts';
import type { KeyUse } from '../keys/seen.ts';
import type { Plans } from '../plans/plans.ts';
import { type PersonName, people } from './integrations.ts';

export interface Rooms {
  readonly database: Database;
  readonly accounts: Accounts;
  readonly members: Members;
  readonly workspaces: Workspaces;
  readonly plans: Plans;
  readonly keys: Keys;
  readonly keyUse: KeyUse;
  /** That of the rooms. */
  readonly clock: Clock;
}

export interface Cast {
  readonly workspaceId: string;
  /** As they are now: roles change. */
  readonly actors: Readonly<Record<PersonName, () => Promise<UserActor>>>;
}

/** What a page of this instance would say where it comes from; `compose.demo.ts` makes the rooms for it. */
export const origin = 'http://127.0.0.1';

const roles = { jonas: 'admin', priya: 'member' } as const satisfies Record<string, Role>;

/** The one who acts, with the roles of this moment. */
export function byWhom({ actors }: Cast, name: PersonName): Promise<UserActor> {
  return actors[name]();
}

/** What a command gave. @throws when it refused, which is a fault of the demo's */
export function granted<T>(outcome: Outcome<T>): T {
  if (outcome.ok) return outcome.value;
  throw new Error(`the demo was refused: ${outcome.problem.code}, ${JSON.stringify(outcome.problem.errors ?? [])}`);
}

/** All sign up, the first one, who is the operator, with this password; the others join them. */
export async function comeIn(rooms: Rooms, password: string): Promise<Cast> {
  const mia = await signUp(rooms, 'mia', password);
  const workspaceId = (await mia()).currentWorkspaceId ?? '';
  granted(await rooms.workspaces.rename(await mia(), workspaceId, { name: 'Nordwind Shop' }));
  const join = async (name: keyof typeof roles) => {
    const who = await signUp(rooms, name, randomBytes(24).toString('base64url'));
    const invitation = { email: people[name].email, role: roles[name] };
    const { token } = granted(await rooms.members.invite(await mia(), workspaceId, invitation));
    granted(await rooms.members.join(await who(), token));
    return who;
  };
  const actors = { mia, jonas: await join('jonas'), priya: await join('priya') };
  // The database's own clock wrote these.
  const createdAt = new Date(rooms.clock.now());
  await rooms.database.$transaction([
    rooms.database.user.updateMany({ data: { createdAt } }),
    rooms.database.workspace.updateMany({ data: { createdAt } }),
    rooms.database.member.updateMany({ data: { createdAt } }),
  ]);
  return { workspaceId, actors };
}

async function signUp({ accounts }: Rooms, who: PersonName, password: string): Promise<() => Promise<UserActor>> {
  const { name, email, address } = people[who];
  const request = new Request(`${origin}/api/auth/sign-up/email`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin },
    body: JSON.stringify({ name, email, password }),
  });
  const answer = await accounts.handle(request, address);
  if (!(answer instanceof Response) || !answer.ok) throw new Error(`${who} could not sign up`);
  const cookie = answer.headers
    .getSetCookie()
    .map((field) => field.split(';', 1)[0])
    .join('; ');
  return async () => {
    const actor = await accounts.actorOf(new Headers({ cookie }), address);
    if (actor?.kind !== 'user') throw new Error(`${who} is not signed in`);
    return actor;
  };
}
