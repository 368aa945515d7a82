/**
 * Reach: how far a key lets whoever holds it go, and the rule that a program gets no further by its own hand.
 *
 * A person gives only management scopes that their role covers, and is told no secret that can do more; all else they
 * may. A key
 *   - gives only scopes that it has;
 *   - never widens itself: no later expiry, no wider allowlist, no higher limit, no scope more;
 *   - the same of every key that manages something, for it could go on in its place: what it makes or changes of such a
 *     key, or whose new secret it is told, is bounded by its own expiry, allowlist and limits.
 * A key without management scopes is an ordinary client, often somebody else's: it is given any expiry, addresses and
 * limits. Everything may be narrowed.
 */
import { isRangeWithin, managementScopes, parseRange, windowKinds } from '@gatekey/shared';
import { type Actor, canGive } from '../accounts/actor.ts';
import type { Transaction } from '../kernel/database.ts';
import { refuse } from '../kernel/problem.ts';
import { limitColumns, limitsFrom } from '../plans/limits.ts';
import type { NewKey } from './key-input.ts';

/** What bounds a key, as stored and as asked for. */
export type Reach = Pick<NewKey, 'scopes' | 'expiresAt' | 'ipAllowlist' | 'limits'>;

/** Selects the reach of a row. */
export const reachColumns = { ...limitColumns, scopes: true, expiresAt: true, ipAllowlist: true } as const;

/** The reach of a row. */
export function reachFrom(row: Omit<Reach, 'limits'> & Parameters<typeof limitsFrom>[0]): Reach {
  return { scopes: row.scopes, expiresAt: row.expiresAt, ipAllowlist: row.ipAllowlist, limits: limitsFrom(row) };
}

/** A reach that somebody puts into somebody's hands. */
interface Gift {
  readonly workspaceId: string;
  /** The key that is to have it; undefined while it is made. */
  readonly keyId?: string;
  /** What whoever holds the key has already; undefined when it is given to somebody new. */
  readonly before?: Reach;
  readonly after: Reach;
}

const scopesTooWide = refuse('forbidden', 'A key can only give scopes that it has.');

/** Why the actor may not give this; undefined when they may. */
export async function refusedGift(
  tx: Transaction,
  actor: Actor,
  { workspaceId, keyId, before, after }: Gift,
): Promise<ReturnType<typeof refuse> | undefined> {
  const added = after.scopes.filter((scope) => before?.scopes.includes(scope) !== true);
  if (actor.kind === 'user') {
    const lacking = added.filter((scope) => !canGive(actor, scope, workspaceId));
    return lacking.length === 0 ? undefined : refuse('forbidden', `Your role does not cover ${lacking.join(', ')}.`);
  }
  const row = await tx.apiKey.findFirst({ where: { id: actor.keyId, deletedAt: null }, select: reachColumns });
  if (row === null) return refuse('forbidden');
  const giver = reachFrom(row);
  if (!added.every((scope) => giver.scopes.includes(scope))) return scopesTooWide;
  if (keyId !== actor.keyId && !after.scopes.some(isManagement)) return undefined;
  // A key that only now may manage was bounded by nobody before.
  const base = added.some(isManagement) ? undefined : before;
  const wider = Object.entries(isWithin)
    .filter(([, within]) => !within(after, giver) && !(base !== undefined && within(after, base)))
    .map(([field]) => field);
  if (wider.length === 0) return undefined;
  const whose = keyId === actor.keyId ? 'itself' : 'a key that manages';
  return refuse('forbidden', `A key cannot give ${whose} more than it has: ${wider.join(', ')}.`);
}

function isManagement(scope: string): boolean {
  return managementScopes.some((one) => one === scope);
}

/** Whether the first reach goes nowhere that the second does not. */
const isWithin: Readonly<Record<string, (reach: Reach, bound: Reach) => boolean>> = {
  expiresAt: ({ expiresAt }, bound) =>
    bound.expiresAt === null || (expiresAt !== null && expiresAt.getTime() <= bound.expiresAt.getTime()),
  ipAllowlist: ({ ipAllowlist }, bound) => {
    if (bound.ipAllowlist.length === 0) return true;
    const ranges = bound.ipAllowlist.flatMap((entry) => parseRange(entry) ?? []);
    return ipAllowlist.length > 0 && ipAllowlist.every((entry) => isEntryWithin(entry, ranges));
  },
  limits: ({ limits }, bound) =>
    windowKinds.every((window) => {
      const [limit, highest] = [limits[window], bound.limits[window]];
      return highest === null || (limit !== null && limit <= highest);
    }),
};

function isEntryWithin(entry: string, ranges: Parameters<typeof isRangeWithin>[1]): boolean {
  const range = parseRange(entry);
  return range !== undefined && isRangeWithin(range, ranges);
}
