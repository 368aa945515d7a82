/** Limits input: the bounds of limits that a caller may set, the same for a plan and for a key. */
import { largestQuota } from '@gatekey/shared';
import { z } from 'zod';

const Quota = z
  .number()
  .int('A limit is a whole number.')
  .min(1, 'A limit is at least 1. To let nothing pass, disable the key or suspend the workspace.')
  .max(largestQuota, `A limit is at most ${largestQuota.toLocaleString('en')}.`)
  .nullable();
const OrNone = Quota.optional().transform((quota) => quota ?? null);

/** All three limits; null or left out = no limit. */
export const LimitsInput = z.object({ minute: OrNone, day: OrNone, month: OrNone });

/** The limits that change; null takes one away, what is left out stays. */
export const LimitsChanges = z.object({
  minute: Quota.exactOptional(),
  day: Quota.exactOptional(),
  month: Quota.exactOptional(),
});
