/** Usage over REST. */
import type { z } from 'zod';
import { done } from '../kernel/problem.ts';
import type { History } from '../metering/history.ts';
import type { UsagePoint } from '../metering/ledger.ts';
import * as examples from './examples.ts';
import { type AddOperation, nothing } from './operation.ts';
import { ReadUsage, UsagePage } from './schemas.ts';

/** Adds the operations on usage. */
export function addUsage(add: AddOperation, { history }: { history: History }): void {
  add({
    method: 'GET',
    path: '/usage',
    id: 'usageHistory',
    tag: 'usage',
    summary: 'Read past usage',
    description:
      'Of the workspace or of one key, a point for each step, oldest first, at most 1,500. What was counted within the ' +
      'last second may lack.',
    scope: 'usage:read',
    query: ReadUsage,
    body: nothing,
    problems: ['not_found'],
    answers: { 200: { description: 'All the points.', schema: UsagePage, example: examples.usagePage } },
    async handle({ actor, query: { key_id: keyId, ...range } }) {
      const points = await history.read(actor, { ...range, keyId });
      return points.ok ? done({ status: 200, body: usageAnswer(points.value) }) : points;
    },
  });
}

function usageAnswer(points: readonly UsagePoint[]): z.infer<typeof UsagePage> {
  return {
    data: points.map(({ at, accepted, refused, refusals }) => ({
      at: new Date(at).toISOString(),
      accepted,
      refused,
      refusals: Object.entries(refusals).map(([code, count]) => ({ code, count })),
    })),
    next_cursor: null,
  };
}
