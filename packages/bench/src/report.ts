/** The report: what a run has found, for docs/benchmark.md. */
import { readFileSync, writeFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { fileURLToPath } from 'node:url';
import type { Plan } from './measure.ts';
import type { Result } from './result.ts';
import type { Row } from './rows.ts';

const file = fileURLToPath(new URL('../../../docs/benchmark.md', import.meta.url));
const manifest: { devDependencies: Record<string, string> } = JSON.parse(
  readFileSync(new URL('../package.json', import.meta.url), 'utf8'),
);
const told = [
  'fastify',
  'rate-limiter-flexible',
  '@fastify/rate-limit',
  '@fastify/http-proxy',
  'better-auth',
  '@better-auth/api-key',
  'graphql-yoga',
  '@graphql-yoga/redis-event-target',
  'ioredis',
];

/** Writes the whole page. */
export async function writeReport(
  found: readonly { row: Row; results: readonly Result[] }[],
  plan: Plan,
): Promise<void> {
  const lines = found.flatMap(({ row, results }) =>
    results.map(
      ({ what, value, target, holds }) =>
        `| ${row.what} | ${what} | ${target} | ${value} | ${target === 'none' ? '' : holds ? 'yes' : '**no**'} |`,
    ),
  );
  const versions = told.map((name) => `${name} ${manifest.devDependencies[name]}`).join(', ');
  const [cpu] = cpus();
  writeFileSync(
    file,
    `# Benchmark

Written by \`npm run bench -- --write\`. Absolute figures move with the machine; the ratios are of one run, round by round:
the median, and the least and the most of ${plan.rounds} rounds of ${plan.seconds} s a subject.

| subject | figure | target | found | holds |
|---|---|---|---|---|
${lines.join('\n')}

## How it is measured

- Machine: ${cpus().length} processors (${cpu?.model.trim() || 'unnamed'}), ${Math.round(totalmem() / 2 ** 30)} GB, ${process.platform} ${process.arch}, Node ${process.version}.
- Versions: ${versions}. The product as it is in this checkout.
- One run, side by side, on 127.0.0.1: an own Redis without persistence, an own PostgreSQL with its default, durable
  settings, each server a process of its own with the same flags of Node.
- The load comes from a process of its own: ${plan.connections} connections (one for the latency), each with one question at a time, over
  1,000 keys in 200 workspaces, chosen at random. It never sleeps, for waking a process costs the one who
  writes to it. An answer with another status than expected ends the run.
- Each subject is warmed for half a second, then measured; all of them in every round, beginning with another one each time.
- CPU is processor time of the server, its Redis and its PostgreSQL together (\`/proc\`), for each request.
- Peers are used as their documentation shows: \`packages/bench/src/servers\`.
- Fan-out: the time of a tick runs from when the server read the counts (ours) or published them (the recipe) to when
  its bytes are read by a client that holds all 2,000 connections. CPU is for each tick delivered. Ours makes its counts
  move by 800 guarded calls a second, which the recipe has none of: they are measured by themselves in the same server
  before anybody watches, and told apart.

## How to repeat it

\`npm run bench\` (some ten minutes); \`npm run bench -- --only redis,local --rounds 7\` for some rows.
`,
  );
}
