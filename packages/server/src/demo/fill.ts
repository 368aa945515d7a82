/**
 * Fill: a workspace with a past, made by the very commands that people use, on a clock that goes through that past.
 *
 *   sign-up -> keys, members, plan, webhooks, in the order in which it happened -> usage -> the keepsake
 *
 * So every entry of the audit log, every delivery and its attempts are what the rooms themselves write; usage alone is
 * written in bulk, as the ledger would have. It is for a database without accounts, before a server serves it.
 */
import { randomBytes } from 'node:crypto';
import type { UserActor } from '../accounts/actor.ts';
import type { Database } from '../kernel/database.ts';
import { hashOf } from '../keys/secret.ts';
import type { LedgerStore } from '../metering/ledger.ts';
import { type History, pastOf } from './history.ts';
import { type Integration, integrations, people } from './integrations.ts';
import type { Keepsake } from './keepsake.ts';
import { makeEndpoints, sendDue, type WebhookRooms } from './past-webhooks.ts';
import { byWhom, type Cast, comeIn, granted, type Rooms } from './people.ts';

export interface Scene extends Rooms, WebhookRooms {
  readonly database: Database;
  readonly ledger: Pick<LedgerStore, 'write'>;
  /** The present, epoch ms. */
  readonly now: number;
  /** Puts the clock of all rooms to an instant, epoch ms. */
  readonly travel: (to: number) => void;
}

/** Something that happened. */
interface Step {
  readonly daysAgo: number;
  readonly act: () => Promise<unknown>;
}

const dayMs = 86_400_000;
const graceSeconds = 7 * 86_400;
/** How long after it was made a key is first called. */
const firstUsedMs = 40 * 60_000;

/** Fills the database. @returns what is to be known again */
export async function fill(scene: Scene): Promise<Keepsake> {
  const { database, now, travel } = scene;
  const past = pastOf(integrations, now, Math.random);
  const password = randomBytes(12).toString('base64url');
  const made = { keys: {}, endpoints: {} };
  travel(now - 215 * dayMs);
  const cast = await comeIn(scene, password);
  const steps = [
    ...integrations.flatMap((integration) => keySteps(scene, cast, made.keys, integration)),
    ...otherSteps(scene, cast, past, made.endpoints),
  ];
  for (const { daysAgo, act } of steps.sort((one, other) => other.daysAgo - one.daysAgo)) {
    travel(now - daysAgo * dayMs);
    await act();
    await sendDue(scene);
  }
  travel(now);
  await writeUsage(scene, past, { workspaceId: cast.workspaceId, keys: made.keys });
  const { userId } = await byWhom(cast, 'mia');
  // Nobody is signed in yet.
  await database.session.deleteMany();
  return { userId, email: people.mia.email, password, ...made };
}

/** What happened to a key. */
function keySteps({ keys, keyUse, now }: Scene, cast: Cast, made: Keepsake['keys'], integration: Integration): Step[] {
  const { name, by, madeDaysAgo, input, disabledDaysAgo, revokedDaysAgo, rotatedDaysAgo } = integration;
  const known = () => {
    const key = made[name];
    if (key === undefined) throw new Error(`${name} is not made yet`);
    return key;
  };
  const step = (daysAgo: number | undefined, act: (actor: UserActor) => Promise<unknown>) =>
    daysAgo === undefined ? [] : [{ daysAgo, act: async () => act(await byWhom(cast, by)) }];
  const used = (secret: string, at: number, flow = integration.flows[0]) => {
    if (flow === undefined) return;
    const key = { keyId: known().id, workspaceId: cast.workspaceId, secretHash: hashOf(secret) };
    const answered = { method: 'GET', path: '/api/v1/ping', status: 200, address: flow.address };
    keyUse.seen(key, at, () => ({ ...answered, userAgent: integration.agent }));
  };
  const { silentDaysAgo = 0 } = integration;
  return [
    ...step(madeDaysAgo, async (actor) => {
      const { expiresInDays, ...rest } = input ?? {};
      const expiresAt = expiresInDays === undefined ? null : new Date(now + expiresInDays * dayMs);
      const { keyId: id, secret } = granted(await keys.create(actor, cast.workspaceId, { name, ...rest, expiresAt }));
      if (secret === null) throw new Error(`${name} was made before`);
      made[name] = { id, secret };
      used(secret, now - madeDaysAgo * dayMs + firstUsedMs);
      await keyUse.settled();
      used(secret, now - silentDaysAgo * dayMs);
      await keyUse.settled();
    }),
    ...step(rotatedDaysAgo, async (actor) => {
      const { id, secret: previous } = known();
      const { secret } = granted(await keys.rotate(actor, { id, graceSeconds }));
      made[name] = { id, secret, previous };
    }),
    ...step(disabledDaysAgo, async (actor) => granted(await keys.disable(actor, known().id))),
    ...step(revokedDaysAgo, async (actor) => granted(await keys.revoke(actor, known().id))),
  ];
}

/** What else happened. */
function otherSteps(scene: Scene, cast: Cast, past: History, endpoints: Keepsake['endpoints']): Step[] {
  const { members, plans, workspaces } = scene;
  const { workspaceId } = cast;
  const asMia = (daysAgo: number, act: (actor: UserActor) => Promise<unknown>) => ({
    daysAgo,
    act: async () => act(await byWhom(cast, 'mia')),
  });
  return [
    asMia(29.8, async (actor) => {
      const plan = { name: 'Team', limits: past.limits, selfServe: true };
      const { planId } = granted(await plans.create(actor, plan));
      granted(await plans.choose(actor, workspaceId, planId));
    }),
    asMia(12.4, async (actor) => granted(await workspaces.rename(actor, workspaceId, { name: 'Nordwind' }))),
    // Late enough that the one which is down is not given up for days.
    asMia(3.1, (actor) => makeEndpoints(scene, actor, endpoints)),
    asMia(1.6, async (actor) =>
      granted(await members.invite(actor, workspaceId, { email: 'luca@nordwind.example', role: 'viewer' })),
    ),
  ];
}

async function writeUsage(
  { ledger }: Scene,
  { rows }: History,
  { workspaceId, keys }: { readonly workspaceId: string; readonly keys: Keepsake['keys'] },
): Promise<void> {
  const all = [...rows].flatMap(([{ name }, own]) => {
    const keyId = keys[name]?.id ?? '';
    return own.map((row) => ({ ...row, keyId, workspaceId, writer: 'demo', isOpen: false }));
  });
  const chunk = 2_000;
  for (let from = 0; from < all.length; from += chunk) {
    await ledger.write({ usage: all.slice(from, from + chunk), apart: [] });
  }
}
