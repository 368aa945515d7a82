/**
 * Write: alerts and invitations become mails, in the transaction of what they tell of.
 *
 *   entry of the log -> a mail to each owner and admin;  invitation -> one to whom it is for
 *
 * Promises: what is written is sealed, for it may carry a link; a workspace has a bounded number of mails a day, and so
 * has a person over all workspaces, so that nobody floods inboxes through us: what is beyond it is in the log and in
 * webhooks, but not in a mail. Invitations, which anybody may send, keep nobody's alerts away.
 */
import { z } from 'zod';
import type { MailInvitation } from '../accounts/mail-invitation.ts';
import type { Follow } from '../events/outbox.ts';
import type { Transaction } from '../kernel/database.ts';
import type { NewId } from '../kernel/id.ts';
import type { Sealer } from '../kernel/sealed.ts';
import { alertLetter, invitationLetter, isMailed, type Letter } from './letter.ts';

export interface MailWriter {
  /** What the outbox does with each entry. */
  readonly follow: Follow;
  readonly invite: MailInvitation;
}

/** How many mails are written in 24 hours. */
const most = {
  alerts: { ofWorkspace: 500, toOne: 500 },
  invitations: { ofWorkspace: 50, toOne: 20 },
} as const;
const dayMs = 86_400_000;

interface Needs {
  readonly newId: NewId;
  readonly sealer: Sealer;
  readonly consoleUrl: string;
}

/** Opens the writer. */
export function createMailWriter({ newId, sealer, consoleUrl }: Needs): MailWriter {
  /** @returns whether one was written: nobody may have had all the mails of the day */
  const write = async (tx: Transaction, { workspaceId, invitationId, at }: Occasion, letters: readonly Letter[]) => {
    const isInvitation = invitationId !== null;
    const { ofWorkspace, toOne } = isInvitation ? most.invitations : most.alerts;
    const same = {
      invitationId: isInvitation ? { not: null } : null,
      createdAt: { gt: new Date(at.getTime() - dayMs) },
    };
    const had = await tx.mail.count({ where: { ...same, workspaceId } });
    if (had + letters.length > ofWorkspace) return false;
    const marked = letters.map((letter) => ({ letter, recipient: sealer.mark(letter.to.toLowerCase()) }));
    const where = { ...same, recipient: { in: marked.map(({ recipient }) => recipient) } };
    const counts = await tx.mail.groupBy({ by: ['recipient'], where, _count: true });
    const full = new Set(counts.filter(({ _count }) => _count >= toOne).map(({ recipient }) => recipient));
    const rows = marked
      .filter(({ recipient }) => !full.has(recipient))
      .map(({ letter, recipient }) => {
        const id = newId('mail');
        const sealed = sealer.seal(JSON.stringify(letter), id);
        return { id, workspaceId, invitationId, sealed, recipient, createdAt: at, dueAt: at };
      });
    await tx.mail.createMany({ data: rows });
    return rows.length > 0;
  };

  return {
    async follow(tx, { event, after, at }) {
      if (!isMailed(event.type) || !('workspaceId' in event)) return [];
      const { workspaceId } = event;
      const keyId = 'keyId' in event ? event.keyId : null;
      const workspace = await tx.workspace.findUniqueOrThrow({
        where: { id: workspaceId },
        select: {
          name: true,
          members: { where: { role: { in: ['owner', 'admin'] } }, select: { user: { select: { email: true } } } },
        },
      });
      const select = { id: true, name: true, hint: true };
      const key = keyId === null ? null : await tx.apiKey.findUnique({ where: { id: keyId }, select });
      const words = alertLetter(event.type, after, { workspace: workspace.name, key, consoleUrl });
      if (words === undefined) return [];
      const letters = workspace.members.map(({ user }) => ({ to: user.email, ...words }));
      await write(tx, { workspaceId, invitationId: null, at }, letters);
      return [];
    },

    async invite(tx, { invitationId, workspaceId, inviterId, at, ...invitation }) {
      const where = { id: inviterId };
      const inviter = await tx.user.findUniqueOrThrow({ where, select: { name: true } });
      const workspace = await tx.workspace.findUniqueOrThrow({ where: { id: workspaceId }, select: { name: true } });
      const words = invitationLetter(invitation, { inviter: inviter.name, workspace: workspace.name, consoleUrl });
      return write(tx, { workspaceId, invitationId, at }, [{ to: invitation.email, ...words }]);
    },
  };
}

interface Occasion {
  readonly workspaceId: string;
  readonly invitationId: string | null;
  readonly at: Date;
}

const Sealed = z.object({ to: z.string(), subject: z.string(), text: z.string() });

/** Reads what was written; undefined when it was sealed under another secret of the instance. */
export function openLetter(sealer: Sealer, id: string, sealed: Uint8Array): Letter | undefined {
  const text = sealer.open(sealed, id);
  return text === undefined ? undefined : Sealed.parse(JSON.parse(text));
}
