/**
 * The door of the checkout: `npm start`, `npm test`, `npm run demo`, `npm run bench` and `npm run pictures` end up here.
 *
 *   start: tools -> install -> generate, build -> the server as our child
 *   demo:  the same, with a workspace that is full and is called
 *   test:  tools -> install -> generate, build -> every check and every test
 *   bench: tools -> install -> generate, build -> the benchmark
 *   pictures: tools -> install -> generate, build -> a demo, and pictures of it for the README
 *
 * Runs on Node 20 with nothing installed, so everything under `scripts/` is plain JavaScript without a dependency. What
 * is already there is not made again: a warm start reads some files and calls no package manager.
 */
import { bringMachineParts } from './machine.mjs';
import { takePictures } from './pictures.mjs';
import { prepare } from './prepare.mjs';
import { Failed, run } from './run.mjs';
import { serve } from './serve.mjs';
import { runTests } from './test.mjs';
import { bringTools } from './tools.mjs';

/** @type {Record<string, (args: string[]) => Promise<number>>} */
const commands = {
  async start(args) {
    const tools = await bringTools();
    await prepare(tools);
    return serve(tools, ['serve', ...args]);
  },
  async demo(args) {
    const tools = await bringTools();
    await prepare(tools);
    return serve(tools, ['demo', ...args]);
  },
  async test() {
    const tools = await bringTools();
    await prepare(tools, { forTests: true });
    return runTests(tools);
  },
  async bench(args) {
    const tools = await bringTools();
    await prepare(tools);
    await bringMachineParts({ forTests: false });
    const { code } = await run(tools.node, ['packages/bench/src/main.ts', ...args], { env: tools.env, live: true });
    return code;
  },
  async pictures() {
    const tools = await bringTools();
    await prepare(tools);
    const { CHROMIUM_PATH } = await bringMachineParts();
    return takePictures(tools, CHROMIUM_PATH);
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
