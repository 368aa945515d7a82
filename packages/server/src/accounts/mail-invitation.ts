/** Mail invitation: sees to it that a link reaches whom it is for; the port. */
import type { Transaction } from '../kernel/database.ts';
import type { Role } from './role.ts';

export interface MailedInvitation {
  readonly invitationId: string;
  readonly workspaceId: string;
  readonly inviterId: string;
  readonly email: string;
  readonly role: Role;
  /** What the link carries. */
  readonly token: string;
  readonly at: Date;
  readonly expiresAt: Date;
}

/** Writes the mail in the transaction of the invitation. @returns false when it will not be sent */
export type MailInvitation = (tx: Transaction, invitation: MailedInvitation) => Promise<boolean>;
