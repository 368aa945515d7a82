/** The receivers of docs/webhooks.md, each run as it stands there against real deliveries. */
import { type ChildProcess, spawn } from 'node:child_process';
import { rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Browser, type TestApp, testApp } from './app.ts';
import { fence } from './page.ts';
import { allowsLoopback, portOf } from './receiver.ts';
import { kill } from './server-process.ts';
import { command, createEndpoint, deliveriesOf } from './webhook-commands.ts';

let app: TestApp;
let ada: Browser;
beforeAll(async () => {
  app = await testApp({ env: allowsLoopback });
  ada = await app.signUp();
});
afterAll(() => app.stop());

/** A port that nobody listens on at the moment. */
async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const port = portOf(server);
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Settles when a program has said a line that fits. */
function said(child: ChildProcess, fits: RegExp): Promise<string> {
  return new Promise((resolve, reject) => {
    let words = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding('utf8').on('data', (chunk: string) => {
        words += chunk;
        if (fits.test(words)) resolve(words);
      });
    }
    child.once('exit', () => reject(new Error(`it ended: ${words}`)));
  });
}

const receivers = [
  ['receiver.mjs', process.execPath],
  ['receiver.py', 'python3'],
] as const;

describe('docs/webhooks.md', () => {
  it.each(receivers)('%s takes what is signed, and refuses all else', async (name, program) => {
    const file = new URL(name, import.meta.url);
    await writeFile(file, await fence('webhooks.md', name));
    const port = await freePort();
    const { id, secret } = await createEndpoint(ada, { url: `http://127.0.0.1:${port}/` });
    const run = (own: string) =>
      spawn(program, [file.pathname], { env: { PATH: process.env.PATH, PORT: String(port), WEBHOOK_SECRET: own } });
    const status = async () => (await deliveriesOf(ada, id))[0]?.attempts[0]?.status;

    const right = run(secret);
    await said(right, /listening/);
    const told = said(right, /^msg_\w+ key\.created$/m);
    await ada.createKey();
    await told;
    await expect.poll(status).toBe(204);
    await kill(right);

    const wrong = run('whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=');
    await said(wrong, /listening/);
    await command(ada, 'sendTestWebhook', id);
    await expect.poll(status).toBe(400);
    await kill(wrong);
    await command(ada, 'deleteWebhookEndpoint', id);
    await rm(file);
  });
});
