/**
 * Workspaces: the commands on a workspace itself.
 *
 *   door -> command(actor, ...) -> [ row, entry of the outbox ] committed -> DomainEvent -> whoever listens
 *
 * Promises: a workspace that the actor may not see is exactly an unknown one; a refused command changes nothing; of two
 * at once the later one stays. People go on working in a suspended workspace; only its keys do not pass.
 * Does not itself stop a call: the guard reads the workspace with the key.
 */
import { z } from 'zod';
import { difference, type Outbox } from '../events/outbox.ts';
import type { Clock } from '../kernel/clock.ts';
import type { Transaction } from '../kernel/database.ts';
import { Name, readInput } from '../kernel/input.ts';
import { done, type Outcome, refuse, refuseInput } from '../kernel/problem.ts';
import { type Actor, byOf, noSuchWorkspace, permitted } from './actor.ts';
import { Allowlist } from './allowlist-input.ts';

/** The id of the workspace that a command changed. */
export interface ChangedWorkspace {
  readonly workspaceId: string;
}

export interface Workspaces {
  /**
   * Says from where the keys of a workspace may come, beside what each key itself allows.
   *
   * @param workspaceId  the actor's own when left out
   * @param input        checked here: `{ ipAllowlist }`, addresses and CIDR ranges; none = any
   */
  setIpAllowlist(
    actor: Actor,
    workspaceId: string | null | undefined,
    input: unknown,
  ): Promise<Outcome<ChangedWorkspace>>;
  /**
   * Gives a workspace another name. Its slug stays: it stands in addresses.
   *
   * @param workspaceId  the actor's own when left out
   * @param input        checked here: `{ name }`
   */
  rename(actor: Actor, workspaceId: string | null | undefined, input: unknown): Promise<Outcome<ChangedWorkspace>>;
  /** Makes one of a person's workspaces the one that is meant when none is named, for this session. */
  select(actor: Actor, workspaceId: string): Promise<Outcome<ChangedWorkspace>>;
  /** Lets no key of a workspace pass. A suspended one stays as it is. The operator alone may. */
  suspend(actor: Actor, workspaceId: string): Promise<Outcome<ChangedWorkspace>>;
  /** Lets them pass again. One that is not suspended stays as it is. The operator alone may. */
  resume(actor: Actor, workspaceId: string): Promise<Outcome<ChangedWorkspace>>;
}

interface Needs {
  readonly outbox: Outbox;
  readonly clock: Clock;
}

interface LockedWorkspace {
  readonly name: string;
  readonly ipAllowlist: readonly string[];
  readonly suspendedAt: Date | null;
  readonly planId: string;
}

const AllowlistChange = z.object({ ipAllowlist: Allowlist });
const NameChange = z.object({ name: Name });

/** Opens the room. */
export function createWorkspaces({ outbox, clock }: Needs): Workspaces {
  const setSuspended = async (
    actor: Actor,
    workspaceId: string,
    suspendedAt: Date | null,
  ): Promise<Outcome<ChangedWorkspace>> => {
    const allowed = permitted(actor, 'workspace:suspend', workspaceId);
    if (!allowed.ok) return allowed;
    const type = suspendedAt === null ? 'workspace.resumed' : 'workspace.suspended';
    return outbox.commit(async (tx, append) => {
      const before = await lockWorkspace(tx, workspaceId);
      if (before === undefined) return noSuchWorkspace;
      if ((before.suspendedAt === null) === (suspendedAt === null)) return done({ workspaceId });
      await tx.workspace.update({ where: { id: workspaceId }, data: { suspendedAt } });
      const { suspendedAt: was } = before;
      await append({
        event: { type, workspaceId },
        by: byOf(actor),
        ...difference({ suspendedAt: was }, { suspendedAt }),
      });
      return done({ workspaceId });
    });
  };

  /** Sets what its owners and admins may set. */
  const change = async (
    actor: Actor,
    named: string | null | undefined,
    schema: z.ZodType<{ ipAllowlist: string[] } | { name: string }>,
    input: unknown,
  ): Promise<Outcome<ChangedWorkspace>> => {
    const allowed = permitted(actor, 'workspace:write', named);
    if (!allowed.ok) return allowed;
    const read = readInput(schema, input);
    if (!read.ok) return refuseInput(read.errors);
    const workspaceId = allowed.value;
    return outbox.commit(async (tx, append) => {
      const before = await lockWorkspace(tx, workspaceId);
      if (before === undefined) return noSuchWorkspace;
      await tx.workspace.update({ where: { id: workspaceId }, data: read.value });
      const was = 'name' in read.value ? { name: before.name } : { ipAllowlist: before.ipAllowlist };
      await append({
        event: { type: 'workspace.updated', workspaceId },
        by: byOf(actor),
        ...difference(was, read.value),
      });
      return done({ workspaceId });
    });
  };

  return {
    setIpAllowlist: (actor, named, input) => change(actor, named, AllowlistChange, input),
    rename: (actor, named, input) => change(actor, named, NameChange, input),
    async select(actor, workspaceId) {
      if (actor.kind === 'key') return refuse('forbidden', 'A key belongs to one workspace.');
      if (!actor.roles.has(workspaceId)) return noSuchWorkspace;
      await outbox.commit((tx) =>
        tx.session.updateMany({ where: { id: actor.sessionId }, data: { activeWorkspaceId: workspaceId } }),
      );
      return done({ workspaceId });
    },
    suspend: (actor, workspaceId) => setSuspended(actor, workspaceId, new Date(clock.now())),
    resume: (actor, workspaceId) => setSuspended(actor, workspaceId, null),
  };
}

/** A workspace as it is; whoever else wants to change it waits until the transaction is over. */
export async function lockWorkspace(tx: Transaction, workspaceId: string): Promise<LockedWorkspace | undefined> {
  await tx.$queryRaw`select 1 from workspace where id = ${workspaceId} for update`;
  const select = { name: true, ipAllowlist: true, suspendedAt: true, planId: true };
  return (await tx.workspace.findUnique({ where: { id: workspaceId }, select })) ?? undefined;
}
