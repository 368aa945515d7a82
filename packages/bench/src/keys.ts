/** Keys for a run, written straight into the product's database: many workspaces, a few keys each. */
import { hash, randomBytes } from 'node:crypto';
import { base62, composeId, composeSecret, hintOf } from '@gatekey/shared';
import pg from 'pg';

export interface MadeKey {
  readonly secret: string;
  readonly workspaceId: string;
}

const keysPerWorkspace = 5;
const batch = 5_000;

function randomText(): string {
  return Array.from(randomBytes(30), (byte) => base62.charAt(byte % 62)).join('');
}
const newId = (kind: 'workspace' | 'key' | 'plan') => composeId(kind, Date.now(), randomBytes(16));

/** Makes one plan with three high limits, and workspaces of five keys on it. */
export async function makeKeys(databaseUrl: string, count: number): Promise<MadeKey[]> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  const planId = newId('plan');
  await client.query(
    `insert into plan (id, name, minute_limit, day_limit, month_limit, self_serve)
     values ($1, $2, 1000000, 100000000, 1000000000, false)`,
    [planId, `Bench ${planId}`],
  );
  const made: MadeKey[] = [];
  while (made.length < count) {
    const size = Math.min(batch, count - made.length);
    const workspaces = Array.from({ length: Math.ceil(size / keysPerWorkspace) }, () => newId('workspace'));
    await client.query(
      `insert into workspace (id, name, slug, plan_id) select id, 'Bench', id, $2 from unnest($1::text[]) as given (id)`,
      [workspaces, planId],
    );
    const keys = Array.from({ length: size }, (_, index) => {
      const secret = composeSecret('gk', randomText());
      const workspaceId = workspaces[Math.floor(index / keysPerWorkspace)] ?? '';
      return { id: newId('key'), secret, workspaceId };
    });
    await client.query(
      `insert into api_key (id, workspace_id, name, hint, scopes)
       select id, workspace_id, 'Bench', hint, '{usage:read}' from unnest($1::text[], $2::text[], $3::text[]) as given (id, workspace_id, hint)`,
      [keys.map(({ id }) => id), keys.map((key) => key.workspaceId), keys.map(({ secret }) => hintOf('gk', secret))],
    );
    await client.query(
      `insert into key_secret (hash, key_id) select decode(hash, 'hex'), id from unnest($1::text[], $2::text[]) as given (hash, id)`,
      [keys.map(({ secret }) => hash('sha256', secret)), keys.map(({ id }) => id)],
    );
    for (const { secret, workspaceId } of keys) made.push({ secret, workspaceId });
  }
  // What the database has left to do for so many new rows is done before anything is measured.
  await client.query('vacuum (analyze) plan, workspace, api_key, key_secret');
  await client.end();
  return made;
}

/** Gives the key of a secret a limit of one call a day, and none else. */
export async function capKey(databaseUrl: string, secret: string): Promise<void> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  await client.query(
    `update api_key set day_limit = 1 where id = (select key_id from key_secret where hash = decode($1, 'hex'))`,
    [hash('sha256', secret)],
  );
  await client.end();
}
