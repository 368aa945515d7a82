/**
 * Test: every check and every test there is, on the real PostgreSQL, the real Redis and a real browser.
 *
 * All of it runs even when something fails, so that one run tells everything. The exit code is 0 only when nothing
 * failed. The last line counts the tests, from the runners' own reports.
 */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { bringMachineParts } from './machine.mjs';
import { run } from './run.mjs';

/** Checks say nothing about behaviour and need no machine part; several run at once. Paths are of packages. */
const checks = [
  { title: 'Types: shared', args: ['-C', 'packages/shared', 'run', 'check'] },
  { title: 'Types: server', args: ['-C', 'packages/server', 'run', 'check'] },
  { title: 'Types: bench', args: ['-C', 'packages/bench', 'run', 'check'] },
  { title: 'Types: console', args: ['-C', 'packages/console', 'run', 'check'] },
  { title: 'Lint and format', args: ['exec', 'biome', 'check', '--error-on-warnings', '--diagnostic-level=warn', '.'] },
  { title: 'The law of the rooms', args: ['exec', 'depcruise', '--config', '.dependency-cruiser.cjs', 'packages'] },
  { title: 'Nothing unused', args: ['exec', 'knip', '--no-progress'] },
];

/** A log file is easier to read without. */
const colours = process.stdout.isTTY ? {} : { NO_COLOR: '1' };

/** @typedef {{ passed: number, failed: number, skipped: number }} Counts */

/**
 * @typedef {object} Suite
 * @property {string} title
 * @property {(report: string) => string[]} args
 * @property {(report: string) => Counts} count  from the text of the runner's report
 */

/** @type {Readonly<Record<'shared' | 'server' | 'console' | 'browser', Suite>>} */
const suites = {
  shared: { title: 'Tests: shared', args: vitest('shared'), count: countVitest },
  server: { title: 'Tests: server, with PostgreSQL and Redis', args: vitest('server'), count: countVitest },
  console: { title: 'Tests: console', args: vitest('console'), count: countVitest },
  browser: {
    title: 'Tests: console in a browser',
    args: () => ['-C', 'packages/console', 'exec', 'playwright', 'test', '--reporter=list,json'],
    count: countPlaywright,
  },
};

/**
 * Runs everything.
 *
 * @param {import('./tools.mjs').Tools} tools
 * @returns {Promise<number>} the exit code
 */
export async function runTests(tools) {
  const machine = await bringMachineParts();
  const reports = await mkdtemp(join(tmpdir(), 'gatekey-reports-'));
  const failures = await runChecks(tools);
  /** @type {Counts} */
  const total = { passed: 0, failed: 0, skipped: 0 };
  /** @param {keyof typeof suites} name  @param {boolean} live  else its output comes in one piece, when it has ended */
  const runSuite = async (name, live) => {
    const suite = suites[name];
    if (live) heading(suite.title);
    const report = join(reports, `${name}.json`);
    const env = { ...tools.env, ...machine, ...colours, PLAYWRIGHT_JSON_OUTPUT_FILE: report };
    const { code, output } = await run(tools.pnpm, suite.args(report), { env, live });
    if (!live) {
      heading(suite.title);
      console.log(output.trimEnd());
    }
    const counts = await readCounts(report, suite.count);
    // A suite that broke before it could say which test failed has failed all the same.
    if (code !== 0 && counts.failed === 0) counts.failed = 1;
    if (code !== 0) failures.push(suite.title);
    for (const key of /** @type {(keyof Counts)[]} */ (Object.keys(total))) total[key] += counts[key];
  };
  // The server's tests wait as much as they work; those that only work go beside them. A browser needs the machine alone.
  const beside = runSuite('shared', false).then(() => runSuite('console', false));
  await Promise.all([runSuite('server', true), beside]);
  await runSuite('browser', true);
  await rm(reports, { recursive: true, force: true });
  heading('Result');
  if (total.skipped > 0) console.log(`${total.skipped} skipped: see above which`);
  for (const title of failures) console.log(`FAILED  ${title}`);
  console.log(`${total.passed} passed, ${total.failed} failed`);
  return failures.length === 0 ? 0 : 1;
}

/**
 * Runs the checks, as many at once as the machine has processors, each with its output in one piece.
 *
 * @param {import('./tools.mjs').Tools} tools
 * @returns {Promise<string[]>} the titles of those that failed
 */
async function runChecks({ pnpm, env }) {
  /** @type {string[]} */
  const failures = [];
  const queue = [...checks];
  const worker = async () => {
    for (let check = queue.shift(); check !== undefined; check = queue.shift()) {
      const { code, output } = await run(pnpm, check.args, { env });
      heading(check.title);
      console.log(code === 0 ? 'ok' : output.trimEnd());
      if (code !== 0) failures.push(check.title);
    }
  };
  await Promise.all(Array.from({ length: Math.min(availableParallelism(), 4) }, worker));
  return failures;
}

/** @param {string} title */
function heading(title) {
  console.log(`\n== ${title} ==`);
}

/**
 * @param {string} name  of the package
 * @returns {(report: string) => string[]}
 */
function vitest(name) {
  return (report) => [
    ...['-C', `packages/${name}`, 'exec', 'vitest', 'run'],
    ...['--reporter=default', '--reporter=json', `--outputFile.json=${report}`],
  ];
}

/**
 * @param {string} report  path
 * @param {Suite['count']} count
 * @returns {Promise<Counts>}
 */
async function readCounts(report, count) {
  try {
    return count(await readFile(report, 'utf8'));
  } catch {
    return { passed: 0, failed: 1, skipped: 0 };
  }
}

/** @type {Suite['count']} */
function countVitest(report) {
  const { numPassedTests, numFailedTests, numPendingTests, numTodoTests } = JSON.parse(report);
  return { passed: numPassedTests, failed: numFailedTests, skipped: numPendingTests + numTodoTests };
}

/** @type {Suite['count']} */
function countPlaywright(report) {
  const { expected, unexpected, flaky, skipped } = JSON.parse(report).stats;
  return { passed: expected + flaky, failed: unexpected, skipped };
}
