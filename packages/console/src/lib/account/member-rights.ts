/**
 * Member rights: what the viewer may do about the people of a workspace, so that nothing is offered that would be refused.
 *
 * The server decides. Owners touch everybody, admins whoever is no owner, and a workspace keeps its last owner. Pure.
 */
import type { Member } from './members.documents.ts';
import type { Role } from './rights.ts';

const all: readonly Role[] = ['OWNER', 'ADMIN', 'MEMBER', 'VIEWER'];

/** The roles that one may give, the strongest first. @param own  the viewer’s */
export function givableRoles(own: Role | null): readonly Role[] {
  if (own === 'OWNER') return all;
  return own === 'ADMIN' ? all.filter((role) => role !== 'OWNER') : [];
}

export interface MemberRights {
  /** To give another role, or to take out. */
  readonly mayChange: boolean;
  /** The workspace has no other owner: they can neither go nor be less. */
  readonly isLastOwner: boolean;
}

/** @param own  the viewer’s role */
export function memberRights(own: Role | null, member: Member, members: readonly Member[]): MemberRights {
  const isOwner = member.role === 'OWNER';
  const isLastOwner = isOwner && members.filter(({ role }) => role === 'OWNER').length === 1;
  const mayChange = !isLastOwner && (own === 'OWNER' || (own === 'ADMIN' && !isOwner));
  return { mayChange, isLastOwner };
}
