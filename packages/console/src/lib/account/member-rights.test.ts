import { describe, expect, it } from 'vitest';
import { givableRoles, memberRights } from './member-rights.ts';
import type { Member } from './members.documents.ts';
import type { Role } from './rights.ts';

const member = (id: string, role: Role): Member => ({
  role,
  joinedAt: '2026-11-23T10:00:00.000Z',
  user: { id, name: id, email: `${id}@example.com` },
});

describe('the roles that one may give', () => {
  it.each([
    ['OWNER', ['OWNER', 'ADMIN', 'MEMBER', 'VIEWER']],
    ['ADMIN', ['ADMIN', 'MEMBER', 'VIEWER']],
    ['MEMBER', []],
    ['VIEWER', []],
    [null, []],
  ] as const)('as %s: %j', (own, roles) => {
    expect(givableRoles(own)).toEqual(roles);
  });
});

describe('what one may do about a member', () => {
  const one = [member('ada', 'OWNER'), member('bob', 'MEMBER'), member('eve', 'ADMIN')];
  const two = [...one, member('olga', 'OWNER')];
  it.each([
    ['OWNER', 'the only owner', one, 0, { mayChange: false, isLastOwner: true }],
    ['OWNER', 'one of two owners', two, 0, { mayChange: true, isLastOwner: false }],
    ['OWNER', 'a member', one, 1, { mayChange: true, isLastOwner: false }],
    ['ADMIN', 'an owner', two, 0, { mayChange: false, isLastOwner: false }],
    ['ADMIN', 'an admin', one, 2, { mayChange: true, isLastOwner: false }],
    ['MEMBER', 'a member', one, 1, { mayChange: false, isLastOwner: false }],
    ['VIEWER', 'a member', one, 1, { mayChange: false, isLastOwner: false }],
  ] as const)('as %s about %s', (own, _who, members, index, rights) => {
    const about = members[index];
    expect(about && memberRights(own, about, members)).toEqual(rights);
  });
});
