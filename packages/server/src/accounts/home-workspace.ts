/**
 * Home workspace: the one a person starts in. Made with their first session, on the default plan.
 */
import type { Database, Transaction } from '../kernel/database.ts';
import type { NewId } from '../kernel/id.ts';

/** Any number that no other lock of this database uses. */
const firstAccountLock = 7_204_001;

/**
 * The workspace to start in; makes it, and names the operator, where they are missing. Safe to call many times at once.
 *
 * @returns the id of the oldest workspace that the person is a member of
 */
export async function homeWorkspace(needs: { database: Database; newId: NewId }, userId: string): Promise<string> {
  const member = await oldestMembership(needs.database, userId);
  if (member !== null) return member.workspaceId;
  return needs.database.$transaction(async (tx) => {
    // One at a time: of two first accounts, one is the operator; of two first sessions, one makes the workspace.
    await lockFirstAccount(tx);
    const madeMeanwhile = await oldestMembership(tx, userId);
    if (madeMeanwhile !== null) return madeMeanwhile.workspaceId;
    const hasOperator = (await tx.user.count({ where: { isOperator: true } })) > 0;
    const { name } = await tx.user.update({
      where: { id: userId },
      data: hasOperator ? {} : { isOperator: true },
      select: { name: true },
    });
    const plan = await tx.plan.findFirstOrThrow({ where: { isDefault: true }, select: { id: true } });
    const id = needs.newId('workspace');
    await tx.workspace.create({
      data: {
        id,
        name: `${name}’s workspace`,
        slug: id.slice(3),
        planId: plan.id,
        members: { create: { id: crypto.randomUUID(), userId, role: 'owner' } },
      },
    });
    return id;
  });
}

/** Lets transactions that ask who is the first go one by one. */
export async function lockFirstAccount(tx: Transaction): Promise<void> {
  await tx.$executeRaw`select pg_advisory_xact_lock(${firstAccountLock})`;
}

function oldestMembership(database: Database | Transaction, userId: string) {
  return database.member.findFirst({
    where: { userId },
    orderBy: { createdAt: 'asc' },
    select: { workspaceId: true },
  });
}
