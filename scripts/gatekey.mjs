/**
 * The door of the checkout: `npm start` and `npm test` end up here.
 *
 *   start: tools -> install -> generate, build -> the server as our child
 *   test:  tools -> install -> generate, build -> every check and every test
 *
 * Runs on Node 20 with nothing installed, so everything under `scripts/` is plain JavaScript without a dependency. What
 * is already there is not made again: a warm start reads some files and calls no package manager.
 */
import { prepare } from './prepare.mjs';
import { Failed } from './run.mjs';
import { serve } from './serve.mjs';
import { runTests } from './test.mjs';
import { bringTools } from './tools.mjs';

/** @type {Record<string, (args: string[]) => Promise<number>>} */
const commands = {
  async start(args) {
    const tools = await bringTools();
    await prepare(tools);
    return serve(tools, args);
  },
  async test() {
    const tools = await bringTools();
    await prepare(tools, { forTests: true });
    return runTests(tools);
  },
};

const [name = '', ...args] = process.argv.slice(2);
const command = commands[name];
if (command === undefined) {
  console.error(`Usage: node scripts/gatekey.mjs ${Object.keys(commands).join(' | ')}`);
  process.exit(2);
}
try {
  process.exit(await command(args));
} catch (error) {
  if (!(error instanceof Failed)) throw error;
  console.error(error.message);
  process.exit(1);
}
