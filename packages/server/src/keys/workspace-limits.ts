/** Workspace limits: what the meters of a workspace and of each of its keys are held against. */
import type { Limits } from '@gatekey/shared';
import type { Database } from '../kernel/database.ts';
import { limitColumns, limitsFrom } from '../plans/limits.ts';

/** The plan's limits, and those of every key that is not deleted, by key id. @throws when there is no such workspace */
export async function workspaceLimits(
  database: Database,
  workspaceId: string,
): Promise<{ plan: Limits; keys: Map<string, Limits> }> {
  const workspace = await database.workspace.findUniqueOrThrow({
    where: { id: workspaceId },
    select: {
      plan: { select: limitColumns },
      keys: { where: { deletedAt: null }, select: { id: true, ...limitColumns } },
    },
  });
  return {
    plan: limitsFrom(workspace.plan),
    keys: new Map(workspace.keys.map((key) => [key.id, limitsFrom(key)])),
  };
}
