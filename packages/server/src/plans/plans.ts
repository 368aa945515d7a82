/**
 * Plans: what workspaces are held to, and which one each is.
 *
 *   door -> command(actor, ...) -> [ row, entry of the outbox ] committed -> DomainEvent -> whoever listens
 *
 * Promises: only the operator makes and changes plans, and gives one that is not self-serve; an edited plan holds for
 * every workspace that is on it. What was counted stays: in mid-window only the limits are others.
 * Does not count anything, and does not tell the counter: limits come to it with each call.
 */
import { z } from 'zod';
import { type Actor, byOf, isOperator, noSuchWorkspace, permitted } from '../accounts/actor.ts';
import { type ChangedWorkspace, lockWorkspace } from '../accounts/workspaces.ts';
import { difference, type Facts, type Outbox } from '../events/outbox.ts';
import { type Database, isDuplicate } from '../kernel/database.ts';
import type { NewId } from '../kernel/id.ts';
import { Name, readInput } from '../kernel/input.ts';
import { done, type Outcome, refuse, refuseInput } from '../kernel/problem.ts';
import { columnsFrom, type LimitColumns, limitsFrom } from './limits.ts';
import { LimitsInput } from './limits-input.ts';

/** The id of the plan that a command made or changed. */
export interface ChangedPlan {
  readonly planId: string;
}

export interface Plans {
  /**
   * Puts a workspace on a plan. Its owner chooses among the self-serve ones, others are not found; the operator gives any, to any workspace.
   *
   * @param workspaceId  the actor's own when left out
   */
  choose(actor: Actor, workspaceId: string | null | undefined, planId: string): Promise<Outcome<ChangedWorkspace>>;
  /** @param input  checked here: `{ name, limits, selfServe }`; self-serve only when it says so */
  create(actor: Actor, input: unknown): Promise<Outcome<ChangedPlan>>;
  /** @param input  checked here: `{ name, limits, selfServe }`; what is left out stays */
  update(actor: Actor, planId: string, input: unknown): Promise<Outcome<ChangedPlan>>;
}

interface Needs {
  readonly database: Database;
  readonly outbox: Outbox;
  readonly newId: NewId;
}

const NewPlan = z.object({
  name: Name,
  limits: LimitsInput,
  selfServe: z
    .boolean()
    .nullish()
    .transform((selfServe) => selfServe ?? false),
});
const PlanChanges = z.object({
  name: Name.optional(),
  limits: LimitsInput.optional(),
  selfServe: z.boolean().optional(),
});

const noSuchPlan = refuse('not_found', 'No such plan.');
const nameTaken = refuse('conflict', 'There is a plan of this name already.');

/** Opens the room. */
export function createPlans({ database, outbox, newId }: Needs): Plans {
  return {
    async choose(actor, named, planId) {
      const allowed = permitted(actor, 'plan:choose', named);
      if (!allowed.ok) return allowed;
      const plan = await database.plan.findUnique({ where: { id: planId }, select: { name: true, selfServe: true } });
      // Whoever is not offered it is not told that there is one.
      if (plan === null || !(plan.selfServe || isOperator(actor))) return noSuchPlan;
      const workspaceId = allowed.value;
      return outbox.commit(async (tx, append) => {
        const before = await lockWorkspace(tx, workspaceId);
        if (before === undefined) return noSuchWorkspace;
        if (before.planId === planId) return done({ workspaceId });
        await tx.workspace.update({ where: { id: workspaceId }, data: { planId } });
        // The names as they were: the log tells of plans that are called otherwise later, or that its reader is not shown.
        const left = await tx.plan.findUnique({ where: { id: before.planId }, select: { name: true } });
        const changed = difference({ planId: before.planId, planName: left?.name }, { planId, planName: plan.name });
        await append({ event: { type: 'workspace.updated', workspaceId }, by: byOf(actor), ...changed });
        return done({ workspaceId });
      });
    },

    async create(actor, input) {
      if (!isOperator(actor)) return refuse('forbidden');
      const read = readInput(NewPlan, input);
      if (!read.ok) return refuseInput(read.errors);
      const { limits, ...values } = read.value;
      const planId = newId('plan');
      return orNameTaken(() =>
        outbox.commit(async (tx, append) => {
          await tx.plan.create({ data: { ...values, ...columnsFrom(limits), id: planId } });
          await append({ event: { type: 'plan.created', planId }, by: byOf(actor), after: read.value });
          return done({ planId });
        }),
      );
    },

    async update(actor, planId, input) {
      if (!isOperator(actor)) return refuse('forbidden');
      const read = readInput(PlanChanges, input);
      if (!read.ok) return refuseInput(read.errors);
      const { limits, name, selfServe } = read.value;
      const data = {
        ...(limits === undefined ? {} : columnsFrom(limits)),
        ...(name === undefined ? {} : { name }),
        ...(selfServe === undefined ? {} : { selfServe }),
      };
      return orNameTaken(() =>
        outbox.commit(async (tx, append) => {
          await tx.$queryRaw`select 1 from plan where id = ${planId} for update`;
          const before = await tx.plan.findUnique({ where: { id: planId } });
          if (before === null) return noSuchPlan;
          const after = await tx.plan.update({ where: { id: planId }, data });
          const changed = difference(factsOf(before), factsOf(after));
          await append({ event: { type: 'plan.updated', planId }, by: byOf(actor), ...changed });
          return done({ planId });
        }),
      );
    },
  };
}

function factsOf({ name, selfServe, ...row }: LimitColumns & { name: string; selfServe: boolean }): Facts {
  return { name, selfServe, limits: limitsFrom(row) };
}

/** Names are unique in the database, which alone can tell when two ask at once. */
async function orNameTaken(write: () => Promise<Outcome<ChangedPlan>>): Promise<Outcome<ChangedPlan>> {
  try {
    return await write();
  } catch (error) {
    if (isDuplicate(error)) return nameTaken;
    throw error;
  }
}
