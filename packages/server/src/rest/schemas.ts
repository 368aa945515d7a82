/**
 * Schemas: every query, body and answer of REST, as it is read and as the OpenAPI document tells of it. The bounds of
 * what is set on a key are the room's own.
 */
import { kindOfId, mostCost, parseAddress, problems } from '@gatekey/shared';
import { z } from 'zod';
import { actorKinds } from '../audit/audit.ts';
import { isStorable } from '../kernel/input.ts';
import { keyStatuses } from '../keys/key.ts';
import { GraceSeconds, keyFields, Scope } from '../keys/key-input.ts';
import { keyOrders, usualOrder } from '../keys/order.ts';
import { usageSteps } from '../metering/tallies.ts';
import { LimitsChanges } from '../plans/limits-input.ts';

export const Instant = z.iso
  .datetime({ offset: true, error: 'An instant in ISO 8601, as `2026-11-23T10:00:00Z`.' })
  .transform((text) => new Date(text))
  // An offset can lead past either end of the years that have four digits.
  .refine((at) => at.getUTCFullYear() >= 1 && at.getUTCFullYear() <= 9999, 'An instant of the years 1 to 9999.');
export const At = z.iso.datetime();
export const about = (description: string) => ({ description });

/** One of some words, in whatever case. */
function oneOf<const Words extends readonly string[]>(words: Words, inCase: (text: string) => string) {
  return z.string().transform(inCase).pipe(z.enum(words)).meta({ enum: words });
}
/** What may be said several times. */
function oneOrMore<T extends z.ZodType>(schema: T) {
  const listed = (given: unknown) => (given === undefined || Array.isArray(given) ? given : [given]);
  return z.preprocess(listed, z.array(schema).optional());
}
export const PageSize = z.coerce.number().int().min(1).max(100);
export const notOfThisList = 'Not a cursor of this list: hand `next_cursor` back as it is.';
const Status = oneOf(keyStatuses, (text) => text.toUpperCase());

// Queries

export const ListKeys = z.strictObject({
  limit: PageSize.default(20).meta(about('How many at most.')),
  cursor: z.string().optional().meta(about('Where to go on: `next_cursor` of the page before, in the same order.')),
  sort: z
    .enum(keyOrders)
    .default(usualOrder)
    .meta(about('The order: by name, creation, last use or expiry; with `-` from the greatest down.')),
  status: oneOrMore(Status).meta({
    type: 'array',
    items: { type: 'string', enum: keyStatuses },
    description: 'Only keys in one of these; said once for each.',
  }),
  search: z.string().optional().meta(about('Only keys with this in their name or hint, in whatever case.')),
});

export const ReadUsage = z.strictObject({
  from: Instant.meta({ ...about('The first instant.'), examples: ['2026-11-23T10:00:00Z'] }),
  to: Instant.meta({ ...about('The first instant after the last.'), examples: ['2026-11-23T11:00:00Z'] }),
  step: oneOf(usageSteps, (text) => text.toLowerCase()).meta(about('How long one point is.')),
  key_id: z.string().optional().meta(about('Only this key, also one that is deleted.')),
});

const Text = z.string().refine(isStorable, 'No NUL characters and no halves of characters.');

/** What the audit log comes as. */
export const auditFormats = ['json', 'ndjson', 'csv'] as const;
export const ReadAudit = z.strictObject({
  limit: PageSize.optional().meta(
    about('How many at most, 20 when left out. Not for an export, which is all of them.'),
  ),
  cursor: z
    .string()
    .refine((text) => kindOfId(text) === 'event', notOfThisList)
    .optional()
    .meta(about('Where to go on: `next_cursor` of the page before. Not for an export.')),
  format: z.enum(auditFormats).optional().meta(about('What it comes as; as `Accept` says when left out.')),
  type: oneOrMore(Text).meta({
    type: 'array',
    items: { type: 'string' },
    description: 'Only these, as `key.revoked`; said once for each.',
  }),
  actor_kind: z.enum(actorKinds).optional().meta(about('Only what people, keys or Gatekey itself changed.')),
  actor_id: Text.optional().meta(about('Only what this user or key changed.')),
  key_id: Text.optional().meta(about('Only changes of this key.')),
  from: Instant.optional().meta(about('The first instant.')),
  to: Instant.optional().meta(about('The first instant after the last.')),
});

// Bodies

const Name = keyFields.name.meta(about('1 to 100 characters.'));
const Scopes = keyFields.scopes.nullable();
const ExpiresAt = Instant.nullable().meta(about('When it ends; never when null.'));
const Allowlist = keyFields.ipAllowlist.nullable();
const Metadata = keyFields.metadata.meta({ type: 'object' }).nullable();
const told = {
  scopes: about('Lower-case words with `:`; none when null. A key can only give scopes that it has.'),
  ipAllowlist: about('Addresses and CIDR ranges it may come from; any when empty or null.'),
  metadata: about('Up to 50 entries, 20 levels and 16 kB; none when null.'),
};
const NewLimits = z.strictObject(keyFields.limits.shape).nullable();
const ChangedLimits = z.strictObject(LimitsChanges.shape).nullable();

export const CreateKey = z.strictObject({
  name: Name,
  scopes: Scopes.optional().meta(told.scopes),
  expires_at: ExpiresAt.optional(),
  ip_allowlist: Allowlist.optional().meta(told.ipAllowlist),
  limits: NewLimits.optional().meta(about('Its own limits, beside those of the plan; none when null.')),
  metadata: Metadata.optional().meta(told.metadata),
});

export const UpdateKey = z.strictObject({
  name: Name.optional(),
  scopes: Scopes.optional().meta(told.scopes),
  expires_at: ExpiresAt.optional(),
  ip_allowlist: Allowlist.optional().meta(told.ipAllowlist),
  limits: ChangedLimits.optional().meta(about('Those of its own limits that change; none is left when null.')),
  metadata: Metadata.optional().meta(told.metadata),
});

export const RotateKey = z.strictObject({
  grace_seconds: GraceSeconds.nullish().meta(about('Seconds until the old secret ends; 86400 when left out.')),
});

export const VerifyKey = z.strictObject({
  secret: z.string().meta(about('What the client sent, without `Bearer`; empty when it sent none.')),
  cost: z.int().min(1).max(mostCost).default(1).meta(about('As how many calls it counts.')),
  scope: Scope.optional().meta(about('A scope that the key must have.')),
  ip: z
    .string()
    .refine((text) => parseAddress(text) !== undefined, 'An IPv4 or IPv6 address.')
    .optional()
    .meta(about('Where the client calls from. Left out, a key that allows named addresses only does not pass.')),
  peek: z.boolean().default(false).meta(about('Decides, and counts nothing.')),
});

// Answers

const Limit = z.int().min(1).nullable();

export const Key = z.object({
  id: z.string().meta(about('`key_…`, stable for life.')),
  name: z.string().meta(about('How people call it.')),
  hint: z.string().meta(about('Prefix, first and last four characters of the secret; safe to show.')),
  status: z
    .enum(keyStatuses)
    .meta(about('ACTIVE passes. DISABLED can be enabled, EXPIRED extended; REVOKED is final.')),
  scopes: z.array(z.string()).meta(about('What it may do beyond calling the API.')),
  ip_allowlist: z.array(z.string()).meta(about('Addresses it may come from; empty = any.')),
  limits: z
    .object({ minute: Limit, day: Limit, month: Limit })
    .meta(about('Its own limits, beside those of the plan; null = no limit.')),
  metadata: z.unknown().meta({ type: 'object', description: 'Whatever was stored with it.' }),
  created_at: At.meta(about('When it was made.')),
  created_by: z
    .object({ kind: z.enum(['user', 'key']), id: z.string() })
    .nullable()
    .meta(about('Who made it; null when they are gone, or not for the caller to see.')),
  expires_at: At.nullable().meta(about('When it ends; null = never.')),
  last_used_at: At.nullable().meta(about('When it last passed, at most a minute old; null = never.')),
  last_used_ip: z.string().nullable().meta(about('The address it last passed from.')),
  last_used_user_agent: z.string().nullable().meta(about('What the client that last passed said it is.')),
  previous_secret: z
    .object({
      ends_at: At.meta(about('From when on it is refused.')),
      last_used_at: At.nullable().meta(about('When it last passed, at most a minute old; null = never.')),
      last_used_ip: z.string().nullable().meta(about('The address it last passed from.')),
    })
    .nullable()
    .meta(about('The old secret while a rotation overlaps; null once it has ended.')),
});

export const IssuedKey = Key.extend({
  secret: z.string().meta(about('What a client sends. Nobody can read it again.')),
});

export const nextCursor = z.string().nullable().meta(about('The `cursor` of the next page; null at the end.'));

export const KeyPage = z.object({ data: z.array(Key), next_cursor: nextCursor });

export const UsagePage = z.object({
  data: z.array(
    z.object({
      at: At.meta(about('The start of the minute, hour or day, in UTC.')),
      accepted: z.int().min(0).meta(about('Calls admitted.')),
      refused: z.int().min(0).meta(about('Calls refused.')),
      refusals: z
        .array(z.object({ code: z.string(), count: z.int().min(1) }))
        .meta(about('The refused ones by the code of the refusal.')),
    }),
  ),
  next_cursor: nextCursor,
});

export const AuditEvent = z.object({
  id: z.string().meta(about('`evt_…`.')),
  at: At.meta(about('When.')),
  type: z.string().meta(about('What happened, as `key.updated`.')),
  actor: z
    .object({ kind: z.enum(actorKinds), id: z.string().nullable(), name: z.string().nullable() })
    .meta(about('Who made the change: a person, a program with a key, or Gatekey itself.')),
  address: z.string().nullable().meta(about('The address it was asked from.')),
  key_id: z.string().nullable().meta(about('The key that was changed; it may be deleted.')),
  user_id: z.string().nullable().meta(about('The person whom it is about.')),
  endpoint_id: z.string().nullable().meta(about('The webhook endpoint that was changed; it may be deleted.')),
  subject: z
    .string()
    .nullable()
    .meta(about('How the key or person is called that it is about; null when they are gone.')),
  before: z.unknown().meta(about('What was there; null where it is new.')),
  after: z.unknown().meta(about('What came instead; null where it is gone.')),
});

export const AuditPage = z.object({ data: z.array(AuditEvent), next_cursor: nextCursor });

export const Ping = z.object({ ok: z.literal(true), key_id: z.string(), workspace_id: z.string(), at: At });

export const Problem = z.object({
  type: z.url().meta(about('A page of this instance that explains the code.')),
  title: z.string().meta(about('The same for every case of the code.')),
  status: z.int().meta(about('The status of the answer.')),
  detail: z.string().meta(about('One sentence for this very case.')),
  code: z.enum(Object.keys(problems)).meta(about('What to decide on; never renamed.')),
  request_id: z.string().meta(about('What the log knows the request by.')),
  errors: z
    .array(z.object({ path: z.string(), message: z.string() }))
    .optional()
    .meta(about('With `invalid_input`: each field, and what is wrong with it.')),
  window: z.string().optional().meta(about('With 429: the window whose limit is spent, and resets last.')),
  limit: z.int().optional().meta(about('With 429: its limit.')),
  resets_at: At.optional().meta(about('With 429: when it begins anew.')),
  retry_after: z.int().optional().meta(about('With 429: seconds until then.')),
});

const LimitStates = z.array(
  z.object({
    policy: z
      .string()
      .meta(about('Its name in the `RateLimit` fields: `minute` of the plan, `key-minute` of the key.')),
    window: z.enum(['minute', 'day', 'month']).meta(about('A UTC calendar window.')),
    limit: z.int().min(1).meta(about('Calls that may pass in it.')),
    used: z.int().min(0).meta(about('Calls admitted.')),
    remaining: z.int().min(0).meta(about('Exactly that many more calls pass.')),
    resets_at: At.meta(about('When the next window begins.')),
  }),
);
export const LimitPage = z.object({ data: LimitStates, next_cursor: nextCursor });

export const Verification = z.object({
  valid: z.boolean().meta(about('Whether the call may go on.')),
  code: z.string().meta(about('`admitted`, or the code of the no.')),
  key_id: z.string().nullable().meta(about('Null when the secret opens no key that may be verified.')),
  workspace_id: z.string().nullable(),
  scopes: z.array(z.string()),
  metadata: z.unknown().meta({ type: 'object', description: 'Whatever was stored with the key.' }),
  limits: LimitStates.meta(about('Every limit that was looked at; none when it was refused before them.')),
  status: z.int().meta(about('What to answer: 200 stands for your own answer.')),
  headers: z.record(z.string(), z.string()).meta(about('To be set on your answer, whatever it is.')),
  problem: Problem.nullable().meta(about('The body of a no, `application/problem+json`.')),
});

/** The bodies by their names in the document. */
export const bodies = { CreateKey, UpdateKey, RotateKey, VerifyKey };
/** The answers by their names in the document. */
export const answers = {
  Key,
  IssuedKey,
  KeyPage,
  UsagePage,
  AuditEvent,
  AuditPage,
  Ping,
  LimitPage,
  Verification,
  Problem,
};
