/** Allowlist input: the bounds of a list of allowed addresses, the same for a workspace and for a key. */
import { formatRange, parseRange } from '@gatekey/shared';
import { z } from 'zod';

/** Canonical and without doubles; empty = any address. A bad entry is named by its place in the list. */
export const Allowlist = z
  .array(
    z.string().transform((text, context) => {
      const range = parseRange(text.trim());
      if (range !== undefined) return formatRange(range);
      context.addIssue('Not an IPv4 or IPv6 address or CIDR range.');
      return z.NEVER;
    }),
  )
  .max(100, 'At most 100 entries.')
  .transform((ranges) => [...new Set(ranges)]);
