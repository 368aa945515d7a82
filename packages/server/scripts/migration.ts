/**
 * Writes the next migration: `node scripts/migration.ts <name>` puts what schema.prisma says beyond the history into
 * `prisma/migrations/<time>_<name>/migration.sql`, for a person to read, complete and explain.
 *
 * Works on an embedded database of its own that is thrown away, never on one with data.
 */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { missingMigration } from '../src/kernel/database.drift.ts';
import { startEmbeddedDatabase } from '../src/kernel/database.embedded.ts';
import { migrationsDirectory } from '../src/kernel/database.migrate.ts';
import { createLog } from '../src/kernel/log.ts';

const name = process.argv[2] ?? '';
if (!/^[a-z0-9_]+$/.test(name)) {
  console.error('Name the migration: node scripts/migration.ts <lower_case_name>');
  process.exit(1);
}
const log = createLog('warn');
const dataDir = await mkdtemp(join(tmpdir(), 'gatekey-migration-'));
const database = await startEmbeddedDatabase({ dataDir, log, settings: { fsync: 'off' } });
try {
  const sql = await missingMigration({ url: database.url, log });
  if (sql === undefined) {
    console.log('The migrations already do what schema.prisma says.');
  } else {
    const time = new Date().toISOString().replace(/\D/g, '').slice(0, 14);
    const directory = join(migrationsDirectory, `${time}_${name}`);
    await mkdir(directory);
    await writeFile(join(directory, 'migration.sql'), `-- Why:\n-- Forward:\n-- Back:\n\n${sql}`);
    console.log(join(directory, 'migration.sql'));
  }
} finally {
  await database.stop();
  await rm(dataDir, { recursive: true, force: true });
}
