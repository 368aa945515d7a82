/** Usage in GraphQL: the meters. */
import { usageLevels } from '@gatekey/shared';
import type { Usage, WindowUsage } from '../metering/usage.ts';
import { builder } from './builder.ts';

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
