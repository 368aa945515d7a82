/**
 * Bench: the product beside its peers, in one run on this machine.
 *
 *   node src/main.ts [--only <row>,<row>] [--rounds 9] [--seconds 1] [--write]
 *
 * Each row is a ratio of two subjects that are measured in turn. Everything listens on 127.0.0.1, has Redis, PostgreSQL
 * and ports of its own, and is ended with the run.
 */
import { parseArgs } from 'node:util';
import { stopAll } from './processes.ts';
import { writeReport } from './report.ts';
import { rows } from './rows.ts';

const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    rounds: { type: 'string', default: '9' },
    seconds: { type: 'string', default: '1' },
    write: { type: 'boolean', default: false },
  },
});
const plan = { rounds: Number(values.rounds), seconds: Number(values.seconds), connections: 64 };
const wanted = values.only?.split(',');

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => void stopAll().then(() => process.exit(130)));
}
try {
  const found = [];
  for (const row of rows.filter(({ name }) => wanted?.includes(name) ?? true)) {
    console.log(`${row.name}: ${row.what}`);
    const results = await row.run(plan, console.log);
    for (const { what, value, target, holds } of results) {
      console.log(`  => ${what}: ${value} (target ${target}) ${holds ? 'holds' : 'MISSED'}`);
    }
    found.push({ row, results });
    await stopAll();
  }
  if (values.write) await writeReport(found, plan);
} finally {
  await stopAll();
}
