/**
 * Main: what was asked on the command line, and the signals that end it.
 *
 *   node src/main.ts serve | demo
 */
import { constants } from 'node:os';
import { composeDemo } from './compose.demo.ts';
import { type App, compose } from './compose.ts';
import { type Config, environmentConfig } from './config.ts';
import { createLifecycle, type Lifecycle } from './kernel/lifecycle.ts';
import { createLog, type Log } from './kernel/log.ts';
import { StartRefused } from './kernel/start-refused.ts';

/** One Ctrl-C reaches us from the terminal and from the process above us: within this it is the same one, ms. */
const sameMs = 500;

/** Something that is started, and what is told when it is ready. */
interface Ready {
  readonly app: App;
  readonly words: string;
}
type Start = (config: Config, surroundings: { readonly log: Log; readonly lifecycle: Lifecycle }) => Promise<Ready>;

const serve: Start = async (config, surroundings) => {
  const app = await compose(config, surroundings);
  return { app, words: `Gatekey is ready on ${app.publicUrl}\n` };
};

const demo: Start = async (config, surroundings) => {
  const app = await composeDemo(config, surroundings);
  const lines = [
    `The demo of Gatekey is ready on ${app.publicUrl}`,
    `Sign in as ${app.email} with the password ${app.password}`,
    'People, keys and calls are made up.',
    ...(config.databaseUrl === undefined ? [`They are in ${config.dataDir}: remove that to begin anew.`] : []),
  ];
  return { app, words: `${lines.join('\n')}\n` };
};

/** Starts it, and stops it when that is asked for. */
async function run(start: Start, config: Config): Promise<void> {
  const log = createLog(config.logLevel);
  const lifecycle = createLifecycle(log);
  const asked = stopAsked();

  try {
    const ready = await Promise.race([start(config, { log, lifecycle }), asked]);
    if (typeof ready !== 'string') {
      process.stdout.write(ready.words);
      const end = await Promise.race([
        asked.then((reason) => ({ reason, code: 0 })),
        // Nobody asked for that: whoever keeps the server running starts it again.
        ready.app.broken.then((reason) => ({ reason, code: 1 })),
      ]);
      process.exitCode = end.code;
      log.info({ reason: end.reason }, 'stopping');
    }
  } finally {
    await lifecycle.stop();
  }
}

/** Settles with what asks the server to stop. Who asks again does not want to wait: then it ends at once. */
function stopAsked(): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<string>();
  let askedAt = Number.POSITIVE_INFINITY;
  // SIGHUP: the terminal was closed.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      if (performance.now() - askedAt > sameMs) process.exit(128 + constants.signals[signal]);
      askedAt = Math.min(askedAt, performance.now());
      resolve(signal);
    });
  }
  // Started by a parent that talks to us: when it goes, nobody could stop us any more.
  process.on('disconnect', () => resolve('disconnect'));
  return promise;
}

async function main(command: string | undefined): Promise<void> {
  if (command === 'serve') return run(serve, environmentConfig());
  // Data of its own, so that it never lies beside what people keep.
  if (command === 'demo') return run(demo, environmentConfig({ DATA_DIR: '.data-demo' }));
  throw new StartRefused('Usage: node src/main.ts serve | demo');
}

try {
  await main(process.argv[2]);
  process.exit(process.exitCode ?? 0);
} catch (error) {
  if (!(error instanceof StartRefused)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exit(1);
}
