/**
 * Limit rows: the limits that a call with a key is held to, as `GET /api/v1/limits` tells them: those of the plan, then the
 * key's own. Pure.
 */
import { type LimitState, windowKinds } from '@gatekey/shared';
import type { Usage } from '#lib/live/live.documents.ts';

/**
 * @param plan  usage of the workspace, against the limits of its plan
 * @param key   usage of the key, against its own limits
 */
export function limitRows(plan: Usage, key: Usage): LimitState[] {
  return (['workspace', 'key'] as const).flatMap((subject) =>
    windowKinds.flatMap((window) => {
      const { used, limit, startsAt, resetsAt } = (subject === 'workspace' ? plan : key)[window];
      if (limit === null) return [];
      const times = { startsAt: Date.parse(startsAt), resetsAt: Date.parse(resetsAt) };
      return { subject, window, quota: limit, used, remaining: Math.max(0, limit - used), ...times };
    }),
  );
}
