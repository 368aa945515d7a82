/**
 * Main: what was asked on the command line, and the signals that end it.
 *
 *   node src/main.ts serve
 */
import { compose } from './compose.ts';
import { environmentConfig } from './config.ts';
import { createLifecycle } from './kernel/lifecycle.ts';
import { createLog } from './kernel/log.ts';
import { StartRefused } from './kernel/start-refused.ts';

/** Told to a person who stops a server that then takes longer than it should. */
const stopWithinMs = 25_000;

async function serve(): Promise<void> {
  const config = environmentConfig();
  const log = createLog(config.logLevel);
  const lifecycle = createLifecycle(log);
  const { promise: asked, resolve: stop } = Promise.withResolvers<string>();
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
  // The terminal was closed.
  process.on('SIGHUP', stop);
  // Started by a parent that talks to us: when it goes, nobody could stop us any more.
  process.on('disconnect', () => stop('disconnect'));

  try {
    const app = await Promise.race([compose(config, { log, lifecycle }), asked]);
    if (typeof app !== 'string') {
      process.stdout.write(`Gatekey is ready on ${app.publicUrl}\n`);
      const reason = await Promise.race([asked, app.broken]);
      log.info({ reason }, 'stopping');
    }
  } finally {
    const late = setTimeout(() => {
      log.error({}, 'stopping took too long');
      process.exit(1);
    }, stopWithinMs);
    await lifecycle.stop();
    clearTimeout(late);
  }
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
