/** The look-up of keys in PostgreSQL. */
import { type AddressRange, parseRange } from '@gatekey/shared';
import DataLoader from 'dataloader';
import { z } from 'zod';
import { type Pool, queryRows, sql } from '../kernel/database.ts';
import { secretEnd } from './key.ts';
import type { FoundKey, KeyLookup, KnownKey } from './lookup.ts';
import { bytesOf, hashFrom, type SecretHash } from './secret.ts';

/** Secrets in one statement: what takes the database some milliseconds. */
const mostAtOnce = 200;

// As text, for a bigint can be more than a number; ours are not.
const Limit = z
  .string()
  .nullable()
  .transform((value) => (value === null ? null : Number(value)));
const Limits = z.tuple([Limit, Limit, Limit]).transform(([minute, day, month]) => ({ minute, day, month }));
const Row = z.object({
  hash: z.instanceof(Uint8Array),
  ends_at: z.date().nullable(),
  id: z.string(),
  workspace_id: z.string(),
  scopes: z.array(z.string()),
  metadata: z.string(),
  is_of_operator: z.boolean(),
  ip_allowlist: z.array(z.string()),
  expires_at: z.date().nullable(),
  disabled_at: z.date().nullable(),
  revoked_at: z.date().nullable(),
  key_limits: Limits,
  suspended_at: z.date().nullable(),
  workspace_ip_allowlist: z.array(z.string()),
  plan_limits: Limits,
});

/** Asks the database at every call; what is asked in one turn of the event loop is one statement. */
export function createPostgresKeyLookup({ pool }: { pool: Pool }): KeyLookup {
  const loader = new DataLoader<SecretHash, FoundKey | undefined>(
    async (hashes) => {
      const rows = z.array(Row).parse(await readRows(pool, hashes));
      const found = new Map(rows.map((row) => [hashFrom(row.hash), foundOrError(row)]));
      return hashes.map((hash) => found.get(hash));
    },
    { cache: false, maxBatchSize: mostAtOnce },
  );
  return { find: (hash) => loader.load(hash) };
}

function readRows(pool: Pool, hashes: readonly SecretHash[]): Promise<unknown> {
  const hex = hashes.map((hash) => bytesOf(hash).toString('hex'));
  return queryRows(
    pool,
    sql`
    select s.hash, s.ends_at, k.id, k.workspace_id, k.scopes, k.ip_allowlist, k.expires_at, k.disabled_at, k.revoked_at,
      k.metadata::text as metadata,
      exists (
        select from member m join "user" u on u.id = m.user_id
        where m.workspace_id = w.id and m.role = 'owner' and u.is_operator
      ) as is_of_operator,
      array[k.minute_limit, k.day_limit, k.month_limit] as key_limits,
      w.suspended_at, w.ip_allowlist as workspace_ip_allowlist,
      array[p.minute_limit, p.day_limit, p.month_limit] as plan_limits
    from key_secret s
    join api_key k on k.id = s.key_id and k.deleted_at is null
    join workspace w on w.id = k.workspace_id
    join plan p on p.id = w.plan_id
    where s.hash = any (array(select decode(hex, 'hex') from unnest(${hex}::text[]) as given (hex)))`,
  );
}

/** One key that cannot be read is no reason to refuse the others. */
function foundOrError(row: z.infer<typeof Row>): FoundKey | Error {
  try {
    const key: KnownKey = {
      id: row.id,
      workspaceId: row.workspace_id,
      isOfOperator: row.is_of_operator,
      scopes: row.scopes,
      metadata: row.metadata,
      expiresAt: row.expires_at,
      disabledAt: row.disabled_at,
      revokedAt: row.revoked_at,
      isWorkspaceSuspended: row.suspended_at !== null,
      allowlist: rangesFrom(row.ip_allowlist),
      workspaceAllowlist: rangesFrom(row.workspace_ip_allowlist),
      planLimits: row.plan_limits,
      keyLimits: row.key_limits,
    };
    return { key, secretEndsAt: row.ends_at === null ? null : secretEnd(row.ends_at, row.expires_at).getTime() };
  } catch (error) {
    return error instanceof Error ? error : new Error('a key cannot be read', { cause: error });
  }
}

function rangesFrom(entries: readonly string[]): AddressRange[] {
  return entries.map((entry) => {
    const range = parseRange(entry);
    // Stored canonical; leaving a broken one out could turn "these only" into "any".
    if (range === undefined) throw new Error('an allowlist in the database holds what is no address range');
    return range;
  });
}
