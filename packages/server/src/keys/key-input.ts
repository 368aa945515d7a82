/**
 * Key input: the bounds of what a caller may set on a key, the same for every door.
 */
import { formatRange, type Limits, largestQuota, parseRange, scopePattern } from '@gatekey/shared';
import { z } from 'zod';
import type { FieldError } from '../kernel/problem.ts';

const largestMetadataBytes = 16 * 1024;

// Control characters, and what PostgreSQL cannot store.
const visible = (text: string) => !/[\p{Cc}\p{Cs}]/u.test(text);

const Name = z
  .string()
  .trim()
  .min(1, 'Give it a name.')
  .max(100, 'A name has at most 100 characters.')
  .refine(visible, 'A name has no control characters.');

const Scopes = z
  .array(z.string().regex(scopePattern, 'A scope is lower-case words with “:” between them, at most 64 characters.'))
  .max(50, 'At most 50 scopes.')
  .transform((scopes) => [...new Set(scopes)].sort());

const Allowlist = z
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

const Quota = z
  .number()
  .int('A limit is a whole number.')
  .min(1, 'A limit is at least 1. To stop a key, disable it.')
  .max(largestQuota, `A limit is at most ${largestQuota.toLocaleString('en')}.`)
  .nullish()
  .transform((quota) => quota ?? null);
const KeyLimits = z.object({ minute: Quota, day: Quota, month: Quota });

const Metadata = z
  .record(z.string().max(100, 'A metadata key has at most 100 characters.'), z.json())
  .refine((value) => Object.keys(value).length <= 50, 'At most 50 entries.')
  .refine((value) => Buffer.byteLength(JSON.stringify(value)) <= largestMetadataBytes, 'At most 16 kB as JSON.')
  .refine((value) => !JSON.stringify(value).includes('\\u0000'), 'No NUL characters.');

const ExpiresAt = z.date();

const NewKey = z.object({
  name: Name,
  scopes: Scopes.nullish().transform((scopes) => scopes ?? []),
  expiresAt: ExpiresAt.nullish().transform((at) => at ?? null),
  ipAllowlist: Allowlist.nullish().transform((ranges) => ranges ?? []),
  limits: KeyLimits.nullish().transform((limits): Limits => limits ?? { minute: null, day: null, month: null }),
  metadata: Metadata.nullish().transform((metadata) => metadata ?? {}),
});
/** What a new key is given, checked and canonical. */
export type NewKey = z.infer<typeof NewKey>;

// In a change, what is left out stays; null takes an expiry or a limit away.
const KeyChanges = z.object({
  name: Name.optional(),
  scopes: Scopes.optional(),
  expiresAt: ExpiresAt.nullable().optional(),
  ipAllowlist: Allowlist.optional(),
  limits: KeyLimits.optional(),
  metadata: Metadata.optional(),
});
export type KeyChanges = z.infer<typeof KeyChanges>;

const longestGraceSeconds = 30 * 86_400;
const usualGraceSeconds = 86_400;

const Rotation = z.object({
  graceSeconds: z
    .number()
    .int('A grace is whole seconds.')
    .min(0, 'A grace is at least 0 seconds.')
    .max(longestGraceSeconds, 'A grace is at most 30 days.')
    .nullish()
    .transform((seconds) => seconds ?? usualGraceSeconds),
});

type Read<T> = { ok: true; value: T } | { ok: false; errors: FieldError[] };

/** @param now  epoch ms; an expiry must lie after it */
export function readNewKey(input: unknown, now: number): Read<NewKey> {
  return read(NewKey, input, now);
}

/** @param now  epoch ms; an expiry must lie after it */
export function readKeyChanges(input: unknown, now: number): Read<KeyChanges> {
  return read(KeyChanges, input, now);
}

/** How a key is rotated. */
export function readRotation(input: unknown): Read<z.infer<typeof Rotation>> {
  return parse(Rotation, input);
}

function read<T extends { expiresAt?: Date | null | undefined }>(
  schema: z.ZodType<T>,
  input: unknown,
  now: number,
): Read<T> {
  const found = parse(schema, input);
  if (found.ok && found.value.expiresAt instanceof Date && found.value.expiresAt.getTime() <= now) {
    return { ok: false, errors: [{ path: 'expiresAt', message: 'The expiry lies in the past.' }] };
  }
  return found;
}

function parse<T>(schema: z.ZodType<T>, input: unknown): Read<T> {
  const found = schema.safeParse(input);
  if (found.success) return { ok: true, value: found.data };
  const errors = found.error.issues.map((issue) => ({ path: issue.path.join('.'), message: issue.message }));
  return { ok: false, errors };
}
