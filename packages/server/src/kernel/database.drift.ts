/**
 * Drift: what schema.prisma says that the migrations do not yet do, as SQL.
 *
 * The migrations run on a scratch database made for it and dropped after: the engine's own way runs them on the
 * database that it is connected to.
 */
import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { withSchemaEngine } from './database.engine.ts';
import { type MigrateOptions, migrate } from './database.migrate.ts';

export const schemaFile = fileURLToPath(new URL('../../prisma/schema.prisma', import.meta.url));

/**
 * The statements that lead from the migrations to schema.prisma.
 *
 * @param options  the url is of any database of a server on which the role may create another
 * @returns undefined when there is nothing to do
 */
export async function missingMigration(options: MigrateOptions): Promise<string | undefined> {
  const schema = await readFile(schemaFile, 'utf8');
  const scratch = `scratch_${randomUUID().replaceAll('-', '')}`;
  await onServer(options.url, `create database ${scratch}`);
  try {
    const url = withDatabase(options.url, scratch);
    await migrate({ ...options, url });
    return await withSchemaEngine({ url, schema }, async (engine) => {
      const files = [{ path: 'schema.prisma', content: schema }];
      const { exitCode, stdout } = await engine.diff({
        from: { tag: 'schemaDatasource', files, configDir: '' },
        to: { tag: 'schemaDatamodel', files },
        script: true,
        exitCode: true,
        filters: { externalTables: [], externalEnums: [] },
      });
      return exitCode === 0 ? undefined : (stdout ?? '');
    });
  } finally {
    await onServer(options.url, `drop database ${scratch} with (force)`);
  }
}

/** The same server, another database. */
export function withDatabase(url: string, name: string): string {
  const other = new URL(url);
  other.pathname = `/${name}`;
  return other.href;
}

async function onServer(url: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}
