/**
 * Main: what was asked on the command line, and the signals that end it.
 *
 *   node src/main.ts serve
 */
import { constants } from 'node:os';
import { compose } from './compose.ts';
import { environmentConfig } from './config.ts';
import { createLifecycle } from './kernel/lifecycle.ts';
import { createLog } from './kernel/log.ts';
import { StartRefused } from './kernel/start-refused.ts';

/** One Ctrl-C reaches us from the terminal and from the process above us: within this it is the same one, ms. */
const sameMs = 500;

async function serve(): Promise<void> {
  const config = environmentConfig();
  const log = createLog(config.logLevel);
  const lifecycle = createLifecycle(log);
  const asked = stopAsked();

  try {
    const app = await Promise.race([compose(config, { log, lifecycle }), asked]);
    if (typeof app !== 'string') {
      process.stdout.write(`Gatekey is ready on ${app.publicUrl}\n`);
      const reason = await Promise.race([asked, app.broken]);
      log.info({ reason }, 'stopping');
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
  if (command !== 'serve') throw new StartRefused('Usage: node src/main.ts serve');
  await serve();
}

try {
  await main(process.argv[2]);
  process.exit(process.exitCode ?? 0);
} catch (error) {
  if (!(error instanceof StartRefused)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exit(1);
}
