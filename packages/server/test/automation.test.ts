/** The scripts of docs/automation.md, each run as it stands there against a server. */
import { execFile } from 'node:child_process';
import { rm, writeFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { type Browser, type TestApp, testApp } from './app.ts';
import { fence } from './page.ts';

// Beside this file, so that the script finds the client library where packages are found.
const place = new URL('./', import.meta.url);

let app: TestApp;
beforeAll(async () => {
  app = await testApp();
});
afterAll(() => app.stop());

/** Runs it with nothing in its environment but what the page says. */
async function run(name: string, program: string, secret: string) {
  const file = new URL(name, place);
  await writeFile(file, await fence('automation.md', name));
  const env = { PATH: process.env.PATH, GATEKEY_URL: app.url, GATEKEY_SECRET: secret };
  try {
    return await promisify(execFile)(program, [file.pathname], { env, timeout: 30_000 });
  } finally {
    await rm(file);
  }
}

const Keys = z.object({
  workspace: z.object({
    keys: z.object({ edges: z.array(z.object({ node: z.looseObject({ id: z.string(), name: z.string() }) })) }),
  }),
});
async function checkoutOf(person: Browser) {
  const asked =
    '{ workspace { keys(first: 10, search: "Checkout") { edges { node { id name status limits { minute } } } } } }';
  return Keys.parse(await person.graphql(asked)).workspace.keys.edges.map(({ node }) => node);
}
const Events = z.object({
  workspace: z.object({
    auditEvents: z.object({ edges: z.array(z.object({ node: z.object({ type: z.string() }) })) }),
  }),
});
async function changesOf(person: Browser, id: string) {
  const asked = `{ workspace { auditEvents(first: 10, keyId: "${id}") { edges { node { type } } } } }`;
  return Events.parse(await person.graphql(asked))
    .workspace.auditEvents.edges.map(({ node }) => node.type)
    .reverse();
}

const scripts = [
  ['automation.sh', 'sh'],
  ['automation.mjs', process.execPath],
  ['automation.py', 'python3'],
] as const;

describe('docs/automation.md', () => {
  it.each(scripts)('%s creates, rotates and revokes a key', async (name, program) => {
    const ada = await app.signUp();
    const { secret } = await ada.createKey({ name: 'Robot', scopes: ['keys:read', 'keys:write'] });
    const { stdout } = await run(name, program, secret);
    const [key, ...others] = await checkoutOf(ada);
    expect([key, others]).toMatchObject([{ status: 'REVOKED', limits: { minute: 100 } }, []]);
    expect(await changesOf(ada, key?.id ?? '')).toEqual(['key.created', 'key.rotated', 'key.revoked']);
    const words = stdout.trim().split('\n');
    expect(words.map((line) => line.split(/[ :]/).slice(0, 2).join(' '))).toEqual(
      ['created', 'rotated', 'revoked'].map((word) => `${word} ${key?.id}`),
    );
  });

  it.each(scripts)('%s says why it was refused, and ends with a failure', async (name, program) => {
    const { secret } = await (await app.signUp()).createKey({ name: 'Reader' });
    const ended = await run(name, program, secret).then(
      () => 'well',
      (error: { code: number; stdout: string; stderr: string }) => `${error.code} ${error.stdout}${error.stderr}`,
    );
    expect(ended).toMatch(/^[1-9]\d* /);
    expect(ended.toLowerCase()).toMatch(/scope_missing|forbidden/);
    expect(ended).not.toContain(secret);
  });
});
