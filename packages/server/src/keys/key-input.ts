/**
 * Key input: the bounds of what a caller may set on a key, the same for every door.
 */
import { type Limits, scopePattern } from '@gatekey/shared';
import { z } from 'zod';
import { Allowlist } from '../accounts/allowlist-input.ts';
import { isStorable, Name, type Read, readInput } from '../kernel/input.ts';
import { type refuse, refuseInput } from '../kernel/problem.ts';
import { LimitsChanges, LimitsInput } from '../plans/limits-input.ts';

const largestMetadataBytes = 16 * 1024;
const deepestMetadata = 20;

export const Scope = z
  .string()
  .regex(scopePattern, 'A scope is lower-case words with “:” between them, at most 64 characters.');
const Scopes = z
  .array(Scope)
  .max(50, 'At most 50 scopes.')
  .transform((scopes) => [...new Set(scopes)].sort());

const Metadata = z
  .unknown()
  .superRefine((value, context) => {
    const fault = storageFault(value);
    if (fault !== undefined) context.addIssue(fault);
  })
  .pipe(
    z
      .record(z.string().max(100, 'A metadata key has at most 100 characters.'), z.json())
      .refine((value) => Object.keys(value).length <= 50, 'At most 50 entries.')
      .refine((value) => Buffer.byteLength(JSON.stringify(value)) <= largestMetadataBytes, 'At most 16 kB as JSON.'),
  );

/** Why the database, or a stack of calls, could not hold a JSON value. Callers may nest thousands of levels. */
function storageFault(json: unknown): string | undefined {
  const open = [{ value: json, level: 1 }];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { value, level } = next;
    if (typeof value === 'string' && !isStorable(value)) return 'No NUL characters and no halves of characters.';
    if (typeof value !== 'object' || value === null) continue;
    if (level > deepestMetadata) return `At most ${deepestMetadata} levels.`;
    for (const inner of [...Object.keys(value), ...Object.values(value)]) open.push({ value: inner, level: level + 1 });
  }
  return undefined;
}

/** What a caller may set on a key, each by itself: checked, and made canonical. */
export const keyFields = {
  name: Name,
  scopes: Scopes,
  expiresAt: z.date(),
  ipAllowlist: Allowlist,
  limits: LimitsInput,
  metadata: Metadata,
} as const;

const noLimits: Limits = { minute: null, day: null, month: null };

/** What a client names a create with, so that saying it again makes nothing twice. */
export const IdempotencyKey = z
  .string()
  .regex(/^[\x21-\x7e]{1,255}$/, 'An idempotency key is 1 to 255 visible ASCII characters.');

const NewKey = z.object({
  name: keyFields.name,
  scopes: keyFields.scopes.nullish().transform((scopes) => scopes ?? []),
  expiresAt: keyFields.expiresAt.nullish().transform((at) => at ?? null),
  ipAllowlist: keyFields.ipAllowlist.nullish().transform((ranges) => ranges ?? []),
  limits: keyFields.limits.nullish().transform((limits) => limits ?? noLimits),
  metadata: keyFields.metadata.nullish().transform((metadata) => metadata ?? {}),
  idempotencyKey: IdempotencyKey.nullish(),
});
/** What a new key is given, checked and canonical. */
export type NewKey = z.infer<typeof NewKey>;

// In a change, what is left out stays; null takes it away.
const KeyChanges = z
  .object({
    name: keyFields.name,
    scopes: keyFields.scopes.nullable().transform((scopes) => scopes ?? []),
    expiresAt: keyFields.expiresAt.nullable(),
    ipAllowlist: keyFields.ipAllowlist.nullable().transform((ranges) => ranges ?? []),
    limits: LimitsChanges.nullable().transform((limits) => limits ?? noLimits),
    metadata: keyFields.metadata.nullable().transform((metadata) => metadata ?? {}),
  })
  .partial();
export type KeyChanges = z.infer<typeof KeyChanges>;

const longestGraceSeconds = 30 * 86_400;
const usualGraceSeconds = 86_400;

/** Seconds that the old secret of a rotation goes on. */
export const GraceSeconds = z
  .number()
  .int('A grace is whole seconds.')
  .min(0, 'A grace is at least 0 seconds.')
  .max(longestGraceSeconds, 'A grace is at most 30 days.');

const Rotation = z.object({
  graceSeconds: GraceSeconds.nullish().transform((seconds) => seconds ?? usualGraceSeconds),
});

/** Whether an expiry is one that is still to come is asked apart: it depends on when. */
export function readNewKey(input: unknown): Read<NewKey> {
  return readInput(NewKey, input);
}

/** As `readNewKey`. */
export function readKeyChanges(input: unknown): Read<KeyChanges> {
  return readInput(KeyChanges, input);
}

/** The no to an expiry that lies in the past; undefined for any other. @param now  epoch ms */
export function refusedExpiry(expiresAt: Date | null | undefined, now: number): ReturnType<typeof refuse> | undefined {
  if (expiresAt === null || expiresAt === undefined || expiresAt.getTime() > now) return undefined;
  return refuseInput([{ path: 'expiresAt', message: 'The expiry lies in the past.' }]);
}

/** How a key is rotated. */
export function readRotation(input: unknown): Read<z.infer<typeof Rotation>> {
  return readInput(Rotation, input);
}
