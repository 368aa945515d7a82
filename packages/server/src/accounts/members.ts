/**
 * Members: who belongs to a workspace, with which role, and how they come and go.
 *
 *   door -> command(actor, ...) -> [ row, entry of the outbox ] committed -> DomainEvent -> whoever listens
 *
 * Promises: a workspace always has an owner; nobody gives a role above their own, or touches who has one; a link lets one
 * person in, once, before it expires. Commands on one workspace go one by one. Roles are read with every request, so a
 * change holds at once; streams end with the event.
 */
import { hash, randomBytes } from 'node:crypto';
import { z } from 'zod';
import type { ChangeEvent } from '../events/domain-event.ts';
import { difference, type Outbox } from '../events/outbox.ts';
import type { Clock } from '../kernel/clock.ts';
import type { Transaction } from '../kernel/database.ts';
import type { NewId } from '../kernel/id.ts';
import { readInput } from '../kernel/input.ts';
import { done, type Outcome, refuse, refuseInput } from '../kernel/problem.ts';
import { type Actor, byOf, noSuchWorkspace, permitted, type UserActor } from './actor.ts';
import type { MailInvitation } from './mail-invitation.ts';
import { type Role, roleFrom, roles } from './role.ts';
import { type ChangedWorkspace, lockWorkspace } from './workspaces.ts';

export interface InvitedMember extends ChangedWorkspace {
  readonly invitationId: string;
  /** What the link carries. Only its hash is kept. */
  readonly token: string;
  /** Whether the link goes to them by mail, too. */
  readonly mailed: boolean;
}

export interface Members {
  /**
   * Makes a link by which one person can join.
   *
   * @param workspaceId  the actor's current one when left out
   * @param input        checked here: `{ email, role }`
   */
  invite(actor: Actor, workspaceId: string | null | undefined, input: unknown): Promise<Outcome<InvitedMember>>;
  /** Makes a link worthless that nobody has used. */
  uninvite(actor: Actor, invitationId: string): Promise<Outcome<ChangedWorkspace>>;
  /** Joins by the token of a link, and selects the workspace. The account must have the address that it was made for. */
  join(actor: Actor, token: string): Promise<Outcome<ChangedWorkspace>>;
  /** @param input  checked here: `{ userId, role }` */
  changeRole(actor: Actor, workspaceId: string | null | undefined, input: unknown): Promise<Outcome<ChangedWorkspace>>;
  /** Takes a member out; oneself, too. Whoever is none is not found. */
  remove(actor: Actor, workspaceId: string | null | undefined, userId: string): Promise<Outcome<ChangedWorkspace>>;
  /** Makes another member an owner, and oneself an admin. */
  transfer(actor: Actor, workspaceId: string | null | undefined, userId: string): Promise<Outcome<ChangedWorkspace>>;
}

interface Needs {
  readonly outbox: Outbox;
  readonly clock: Clock;
  readonly newId: NewId;
  /** undefined where there is no mail. */
  readonly mail?: MailInvitation | undefined;
}

export const mostMembers = 100;
const linkLastsMs = 7 * 86_400_000;

const RoleInput = z.enum(roles, 'A role is one of owner, admin, member, viewer.');
const Invitation = z.object({ email: z.email('This is no e-mail address.').trim().toLowerCase(), role: RoleInput });
const RoleChange = z.object({ userId: z.string(), role: RoleInput });

const noSuchMember = refuse('not_found', 'No such member.');
const isInvited = refuseInput([
  { path: 'email', message: 'There is an open invitation for this address. Withdraw it to make another.' },
]);
const noSuchInvitation = refuse('not_found', 'No such invitation, or it is used or expired.');
const peopleOnly = refuse('forbidden', 'Members are for people to manage, not for keys.');
const lastOwner = refuse('conflict', 'A workspace needs an owner. Make somebody else one first.');
const aboveOwn = refuse('forbidden', 'Only an owner gives or takes the role of an owner.');

const tokenHash = (token: string) => Buffer.from(hash('sha256', token, 'hex'), 'hex');

/** What a command in a workspace works with, once it may. */
interface Scene {
  readonly tx: Transaction;
  readonly workspaceId: string;
  readonly actor: UserActor;
  /** The actor's own role; of a member at least. */
  readonly role: Role;
  append(
    type: Extract<ChangeEvent['type'], `member.${string}`>,
    userId: string | null,
    facts: { before?: Readonly<Record<string, unknown>>; after?: Readonly<Record<string, unknown>> },
  ): Promise<void>;
}

/** Opens the room. */
export function createMembers({ outbox, clock, newId, mail }: Needs): Members {
  /** One command in one workspace, alone: found and allowed by the role that the actor has now. */
  const within = async <T>(
    actor: Actor,
    named: string | null | undefined,
    ability: 'members:read' | 'members:write',
    work: (scene: Scene) => Promise<Outcome<T>>,
  ): Promise<Outcome<T>> => {
    if (actor.kind === 'key') return peopleOnly;
    const allowed = permitted(actor, ability, named);
    if (!allowed.ok) return allowed;
    const workspaceId = allowed.value;
    return outbox.commit(async (tx, append) => {
      if ((await lockWorkspace(tx, workspaceId)) === undefined) return noSuchWorkspace;
      const role = await roleOf(tx, workspaceId, actor.userId);
      // It may have been taken away since the request began.
      if (role === undefined) return refuse('forbidden');
      return work({
        tx,
        workspaceId,
        actor,
        role,
        append: (type, userId, facts) => append({ event: { type, workspaceId, userId }, by: byOf(actor), ...facts }),
      });
    });
  };

  return {
    async invite(actor, named, input) {
      const read = readInput(Invitation, input);
      if (!read.ok) return refuseInput(read.errors);
      const { email, role } = read.value;
      return within(actor, named, 'members:write', async ({ tx, workspaceId, role: own, actor, append }) => {
        if (role === 'owner' && own !== 'owner') return aboveOwn;
        if (!(await hasRoom(tx, workspaceId, clock.now()))) {
          return refuse('limit_reached', `A workspace has at most ${mostMembers} members and open invitations.`);
        }
        const at = new Date(clock.now());
        const open = { workspaceId, email, status: 'pending', expiresAt: { gt: at } };
        if ((await tx.invitation.findFirst({ where: open, select: { id: true } })) !== null) return isInvited;
        const token = randomBytes(32).toString('base64url');
        const invitationId = newId('invitation');
        const expiresAt = new Date(at.getTime() + linkLastsMs);
        const invitation = { workspaceId, inviterId: actor.userId, email, role, expiresAt };
        await tx.invitation.create({ data: { ...invitation, id: invitationId, tokenHash: tokenHash(token) } });
        await append('member.invited', null, { after: { email, role, expiresAt } });
        const mailed = (await mail?.(tx, { ...invitation, invitationId, token, at })) ?? false;
        return done({ workspaceId, invitationId, token, mailed });
      });
    },

    async uninvite(actor, invitationId) {
      if (actor.kind === 'key') return peopleOnly;
      return outbox.commit(async (tx, append) => {
        const found = await tx.invitation.findUnique({ where: { id: invitationId } });
        if (found === null || !permitted(actor, 'members:write', found.workspaceId).ok) return noSuchInvitation;
        const { workspaceId, email, role } = found;
        const { count } = await tx.invitation.deleteMany({ where: { id: invitationId, status: 'pending' } });
        if (count === 0) return noSuchInvitation;
        const event = { type: 'member.uninvited', workspaceId, userId: null } as const;
        await append({ event, by: byOf(actor), before: { email, role } });
        return done({ workspaceId });
      });
    },

    async join(actor, token) {
      if (actor.kind === 'key') return peopleOnly;
      const { userId } = actor;
      return outbox.commit(async (tx, append) => {
        const where = { tokenHash: tokenHash(token), status: 'pending', expiresAt: { gt: new Date(clock.now()) } };
        const invitation = await tx.invitation.findFirst({ where });
        const role = roleFrom(invitation?.role ?? '');
        if (invitation === null || role === undefined) return noSuchInvitation;
        const { id, workspaceId, email } = invitation;
        const user = await tx.user.findUniqueOrThrow({ where: { id: userId }, select: { email: true } });
        if (user.email.toLowerCase() !== email) {
          return refuse('forbidden', 'This invitation is for another e-mail address. Sign in with that one.');
        }
        await lockWorkspace(tx, workspaceId);
        if ((await roleOf(tx, workspaceId, userId)) !== undefined) {
          return refuse('conflict', 'You are a member of this workspace already.');
        }
        // Said again in the statement: it may have been used or withdrawn while we waited.
        const { count } = await tx.invitation.updateMany({ where: { ...where, id }, data: { status: 'accepted' } });
        if (count === 0) return noSuchInvitation;
        await tx.member.create({ data: { id: crypto.randomUUID(), workspaceId, userId, role } });
        // Who comes by a link wants to see where it leads.
        await tx.session.updateMany({ where: { id: actor.sessionId }, data: { activeWorkspaceId: workspaceId } });
        const event = { type: 'member.joined', workspaceId, userId } as const;
        await append({ event, by: byOf(actor), after: { email, role } });
        return done({ workspaceId });
      });
    },

    async changeRole(actor, named, input) {
      const read = readInput(RoleChange, input);
      if (!read.ok) return refuseInput(read.errors);
      const { userId, role } = read.value;
      return within(actor, named, 'members:write', async ({ tx, workspaceId, role: own, append }) => {
        const before = await roleOf(tx, workspaceId, userId);
        if (before === undefined) return noSuchMember;
        if (before === role) return done({ workspaceId });
        if ((before === 'owner' || role === 'owner') && own !== 'owner') return aboveOwn;
        if (before === 'owner' && (await isLastOwner(tx, workspaceId))) return lastOwner;
        await setRole(tx, workspaceId, userId, role);
        await append('member.updated', userId, difference({ role: before }, { role }));
        return done({ workspaceId });
      });
    },

    remove(actor, named, userId) {
      // Everybody may leave.
      const ability = actor.kind === 'user' && actor.userId === userId ? 'members:read' : 'members:write';
      return within(actor, named, ability, async ({ tx, workspaceId, role: own, append }) => {
        const role = await roleOf(tx, workspaceId, userId);
        if (role === undefined) return noSuchMember;
        if (role === 'owner' && own !== 'owner') return aboveOwn;
        if (role === 'owner' && (await isLastOwner(tx, workspaceId))) return lastOwner;
        await tx.member.delete({ where: { workspaceId_userId: { workspaceId, userId } } });
        await append('member.removed', userId, { before: { role } });
        return done({ workspaceId });
      });
    },

    transfer(actor, named, userId) {
      return within(actor, named, 'members:write', async ({ tx, workspaceId, role: own, actor, append }) => {
        if (own !== 'owner') return aboveOwn;
        const role = await roleOf(tx, workspaceId, userId);
        if (role === undefined || userId === actor.userId) return noSuchMember;
        await setRole(tx, workspaceId, userId, 'owner');
        await setRole(tx, workspaceId, actor.userId, 'admin');
        await append('member.updated', userId, difference({ role }, { role: 'owner' }));
        await append('member.updated', actor.userId, difference({ role: own }, { role: 'admin' }));
        return done({ workspaceId });
      });
    },
  };
}

async function roleOf(tx: Transaction, workspaceId: string, userId: string): Promise<Role | undefined> {
  const member = await tx.member.findUnique({ where: { workspaceId_userId: { workspaceId, userId } } });
  return member === null ? undefined : roleFrom(member.role);
}

async function setRole(tx: Transaction, workspaceId: string, userId: string, role: Role): Promise<void> {
  await tx.member.update({ where: { workspaceId_userId: { workspaceId, userId } }, data: { role } });
}

async function isLastOwner(tx: Transaction, workspaceId: string): Promise<boolean> {
  return (await tx.member.count({ where: { workspaceId, role: 'owner' } })) <= 1;
}

async function hasRoom(tx: Transaction, workspaceId: string, now: number): Promise<boolean> {
  const open = { workspaceId, status: 'pending', expiresAt: { gt: new Date(now) } };
  const [members, invitations] = [
    await tx.member.count({ where: { workspaceId } }),
    await tx.invitation.count({ where: open }),
  ];
  return members + invitations < mostMembers;
}
