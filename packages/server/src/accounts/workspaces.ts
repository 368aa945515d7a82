/**
 * Workspaces: the commands on a workspace itself.
 *
 *   door -> command(actor, ...) -> row, committed -> DomainEvent -> whoever listens
 *
 * Promises: a workspace that the actor may not see is exactly an unknown one; a refused command changes nothing; of two
 * at once the later one stays. People go on working in a suspended workspace; only its keys do not pass.
 * Does not itself stop a call: the guard reads the workspace with the key.
 */
import { z } from 'zod';
import type { Events } from '../events/domain-event.ts';
import type { Clock } from '../kernel/clock.ts';
import type { Database } from '../kernel/database.ts';
import { readInput } from '../kernel/input.ts';
import { done, type Outcome, refuseInput } from '../kernel/problem.ts';
import { type Actor, noSuchWorkspace, permitted } from './actor.ts';
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
  /** Lets no key of a workspace pass. A suspended one stays as it is. The operator alone may. */
  suspend(actor: Actor, workspaceId: string): Promise<Outcome<ChangedWorkspace>>;
  /** Lets them pass again. One that is not suspended stays as it is. The operator alone may. */
  resume(actor: Actor, workspaceId: string): Promise<Outcome<ChangedWorkspace>>;
}

interface Needs {
  readonly database: Database;
  readonly events: Events;
  readonly clock: Clock;
}

const AllowlistChange = z.object({ ipAllowlist: Allowlist });

/** Opens the room. */
export function createWorkspaces({ database, events, clock }: Needs): Workspaces {
  const setSuspended = async (
    actor: Actor,
    workspaceId: string,
    suspendedAt: Date | null,
  ): Promise<Outcome<ChangedWorkspace>> => {
    const allowed = permitted(actor, 'workspace:suspend', workspaceId);
    if (!allowed.ok) return allowed;
    const { count } = await database.workspace.updateMany({
      where: { id: workspaceId, suspendedAt: suspendedAt === null ? { not: null } : null },
      data: { suspendedAt },
    });
    if (count > 0) {
      events.announce({ type: suspendedAt === null ? 'workspace.resumed' : 'workspace.suspended', workspaceId });
      return done({ workspaceId });
    }
    const isKnown = (await database.workspace.count({ where: { id: workspaceId } })) > 0;
    return isKnown ? done({ workspaceId }) : noSuchWorkspace;
  };

  return {
    async setIpAllowlist(actor, named, input) {
      const allowed = permitted(actor, 'workspace:write', named);
      if (!allowed.ok) return allowed;
      const read = readInput(AllowlistChange, input);
      if (!read.ok) return refuseInput(read.errors);
      const workspaceId = allowed.value;
      const { count } = await database.workspace.updateMany({ where: { id: workspaceId }, data: read.value });
      if (count === 0) return noSuchWorkspace;
      events.announce({ type: 'workspace.updated', workspaceId });
      return done({ workspaceId });
    },
    suspend: (actor, workspaceId) => setSuspended(actor, workspaceId, new Date(clock.now())),
    resume: (actor, workspaceId) => setSuspended(actor, workspaceId, null),
  };
}
