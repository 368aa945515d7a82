/** History: past usage as a series without gaps, within bounds, for whoever may read it. */
import { type Actor, permitted } from '../accounts/actor.ts';
import { done, type Outcome, refuseInput } from '../kernel/problem.ts';
import { type KeyList, noSuchKey } from '../keys/list.ts';
import type { HistoryRequest, Ledger, UsagePoint } from './ledger.ts';
import { stepAt, stepMs, type UsageStep } from './tallies.ts';

/** As many points as a month has hours, or a day has minutes. */
export const mostPoints = 1_500;
/** From when to when there are times, epoch ms: 1970 to 9999. */
const times = { first: 0, end: Date.UTC(10_000, 0) };

/** Whose usage in `[from, to)` is asked for, a point for each step. */
export interface AskedHistory {
  /** The actor's own or current one when left out. */
  readonly workspaceId?: string | undefined;
  /** Only this key, also one that is deleted. */
  readonly keyId?: string | undefined;
  /** Whether the key is known to be of the workspace. */
  readonly isKnown?: boolean | undefined;
  readonly step: UsageStep;
  readonly from: Date;
  readonly to: Date;
}

export interface History {
  /** Oldest first; what was counted within the last second may lack. */
  read(actor: Actor, asked: AskedHistory): Promise<Outcome<UsagePoint[]>>;
}

interface Needs {
  readonly ledger: Pick<Ledger, 'history'>;
  readonly keyList: Pick<KeyList, 'isOf'>;
}

/** Opens the history. */
export function createHistory({ ledger, keyList }: Needs): History {
  return {
    async read(actor, { workspaceId: named, keyId, isKnown, step, ...range }) {
      const allowed = permitted(actor, 'usage:read', named);
      if (!allowed.ok) return allowed;
      const request = { workspaceId: allowed.value, keyId, step, from: range.from.getTime(), to: range.to.getTime() };
      const errors = errorsIn(request);
      if (errors.length > 0) return refuseInput(errors);
      const points = await ledger.history(request);
      // Only what is of the workspace has points, so an empty answer alone leaves a doubt.
      const isInDoubt = keyId !== undefined && isKnown !== true && points.length === 0;
      return isInDoubt && !(await keyList.isOf(allowed.value, keyId)) ? noSuchKey : done(withoutGaps(request, points));
    },
  };
}

function errorsIn(request: Pick<HistoryRequest, 'step' | 'from' | 'to'>) {
  const outside = (['from', 'to'] as const).filter(
    (name) => !(request[name] >= times.first && request[name] < times.end),
  );
  if (outside.length > 0) return outside.map((path) => ({ path, message: 'A time from 1970 to 9999.' }));
  if (pointsIn(request) <= mostPoints) return [];
  return [{ path: 'step', message: `At most ${mostPoints} points: choose a longer step or a shorter time.` }];
}

/** How many points an answer has: one for each step that `[from, to)` touches. */
export function pointsIn({ step, from, to }: Pick<HistoryRequest, 'step' | 'from' | 'to'>): number {
  return Math.max(0, Math.ceil((to - stepAt(step, from)) / stepMs[step]));
}

/** Puts a point of zeroes where nothing was called. @param points  oldest first */
function withoutGaps(
  { step, from, to }: Pick<HistoryRequest, 'step' | 'from' | 'to'>,
  points: readonly UsagePoint[],
): UsagePoint[] {
  const known = new Map(points.map((point) => [point.at, point]));
  const first = stepAt(step, from);
  return Array.from({ length: pointsIn({ step, from, to }) }, (_, index) => {
    const at = first + index * stepMs[step];
    return known.get(at) ?? { at, accepted: 0, refused: 0, refusals: {} };
  });
}
