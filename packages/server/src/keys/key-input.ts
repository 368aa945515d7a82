/**
 * Key input: the bounds of what a caller may set on a key, the same for every door.
 */
import { type Limits, scopePattern } from '@gatekey/shared';
import { z } from 'zod';
import { Allowlist } from '../accounts/allowlist-input.ts';
import { isStorable, Name, type Read, readInput } from '../kernel/input.ts';
import { LimitsInput } from '../plans/limits-input.ts';

const largestMetadataBytes = 16 * 1024;
const deepestMetadata = 20;

const Scopes = z
  .array(z.string().regex(scopePattern, 'A scope is lower-case words with “:” between them, at most 64 characters.'))
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

const ExpiresAt = z.date();

const NewKey = z.object({
  name: Name,
  scopes: Scopes.nullish().transform((scopes) => scopes ?? []),
  expiresAt: ExpiresAt.nullish().transform((at) => at ?? null),
  ipAllowlist: Allowlist.nullish().transform((ranges) => ranges ?? []),
  limits: LimitsInput.nullish().transform((limits): Limits => limits ?? { minute: null, day: null, month: null }),
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
  limits: LimitsInput.optional(),
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
  return readInput(Rotation, input);
}

function read<T extends { expiresAt?: Date | null | undefined }>(
  schema: z.ZodType<T>,
  input: unknown,
  now: number,
): Read<T> {
  const found = readInput(schema, input);
  if (found.ok && found.value.expiresAt instanceof Date && found.value.expiresAt.getTime() <= now) {
    return { ok: false, errors: [{ path: 'expiresAt', message: 'The expiry lies in the past.' }] };
  }
  return found;
}
