/** Usage in GraphQL: the meters. */
import { usageLevels } from '@gatekey/shared';
import { GraphQLError } from 'graphql';
import { z } from 'zod';
import { type AskedHistory, mostPoints, pointsIn } from '../metering/history.ts';
import type { UsagePoint } from '../metering/ledger.ts';
import { usageSteps } from '../metering/tallies.ts';
import type { Usage, WindowUsage } from '../metering/usage.ts';
import { builder } from './builder.ts';
import { type Context, need, signedIn } from './context.ts';

const UsageLevelEnum = builder.enumType('UsageLevel', {
  description: 'How near a meter is to its limit: from 0, 80, 90 and 100 % of it.',
  values: usageLevels,
});

const WindowUsageType = builder.objectRef<WindowUsage>('WindowUsage').implement({
  description: 'One meter: the calls of one UTC calendar window.',
  fields: (t) => ({
    used: t.expose('used', { type: 'SafeInt', description: 'Calls admitted.' }),
    refused: t.expose('refused', { type: 'SafeInt', description: 'Calls refused; they are not in `used`.' }),
    limit: t.expose('limit', { type: 'SafeInt', nullable: true, description: 'Calls that may pass; null = no limit.' }),
    remaining: t.expose('remaining', {
      type: 'SafeInt',
      nullable: true,
      description: 'Exactly that many more calls pass; null = no limit.',
    }),
    startsAt: t.field({
      type: 'DateTime',
      description: 'When it began.',
      resolve: ({ startsAt }) => new Date(startsAt),
    }),
    resetsAt: t.field({
      type: 'DateTime',
      description: 'When the next one begins.',
      resolve: ({ resetsAt }) => new Date(resetsAt),
    }),
    level: t.expose('level', { type: UsageLevelEnum, description: 'How near it is to its limit.' }),
  }),
});

export const UsageType = builder.objectRef<Usage>('Usage').implement({
  description: 'The three meters, as the counter has them now.',
  fields: (t) => ({
    minute: t.expose('minute', { type: WindowUsageType, description: 'This minute.' }),
    day: t.expose('day', { type: WindowUsageType, description: 'This day.' }),
    month: t.expose('month', { type: WindowUsageType, description: 'This month.' }),
  }),
});

const RefusalCountType = builder.objectRef<{ code: string; count: number }>('RefusalCount').implement({
  description: 'Refused calls of one reason.',
  fields: (t) => ({
    code: t.exposeString('code', { description: 'The code of the refusal, as `rate_limited`.' }),
    count: t.expose('count', { type: 'SafeInt', description: 'How many.' }),
  }),
});

export const UsagePointType = builder.objectRef<UsagePoint>('UsagePoint').implement({
  description: 'The calls of one UTC minute, hour or day.',
  fields: (t) => ({
    at: t.field({ type: 'DateTime', description: 'Its start.', resolve: ({ at }) => new Date(at) }),
    accepted: t.expose('accepted', { type: 'SafeInt', description: 'Calls admitted.' }),
    refused: t.expose('refused', { type: 'SafeInt', description: 'Calls refused.' }),
    refusals: t.field({
      type: [RefusalCountType],
      description: 'The refused ones by reason.',
      resolve: ({ refusals }) => Object.entries(refusals).map(([code, count]) => ({ code, count })),
    }),
  }),
});

export const UsageStepEnum = builder.enumType('UsageStep', {
  description: 'How long one point is.',
  values: { MINUTE: { value: 'minute' }, HOUR: { value: 'hour' }, DAY: { value: 'day' } } as const,
});

const Range = z.object({ from: z.date(), to: z.date(), step: z.enum(usageSteps) });

/** How many points a history may have, by the arguments of its field; for `mostItems` of answer-size.ts. */
export function mostPointsIn(args: unknown): number {
  const { from, to, step } = Range.parse(args);
  return Math.min(mostPoints, pointsIn({ step, from: from.getTime(), to: to.getTime() }));
}

/**
 * The history of a workspace or key, a point for each step.
 *
 * @throws GraphQLError FORBIDDEN, or BAD_USER_INPUT for a time without points, too many of them, or no such key
 */
export async function readHistory(context: Context, asked: AskedHistory & { readonly workspaceId: string }) {
  need(context, 'usage:read', asked.workspaceId);
  const outcome = await context.history.read(signedIn(context), asked);
  if (outcome.ok) return outcome.value;
  const { detail, errors = [] } = outcome.problem;
  throw new GraphQLError(errors[0]?.message ?? detail, { extensions: { code: 'BAD_USER_INPUT' } });
}
