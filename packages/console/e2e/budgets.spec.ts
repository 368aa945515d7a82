import { gzipSync } from 'node:zlib';
import { expect, type Page, test } from '@playwright/test';
import { makeKey, signedUp } from './person.ts';
import { startServer } from './server.ts';

/** What a first visit of a page brings, in bytes: scripts and styles gzipped, fonts as they are. */
async function weigh(page: Page, url: string): Promise<{ script: number; style: number; font: number }> {
  const weights = { script: 0, style: 0, font: 0 };
  const parts: Promise<void>[] = [];
  const add = async (body: Promise<Buffer>, kind: keyof typeof weights): Promise<void> => {
    weights[kind] += kind === 'font' ? (await body).length : gzipSync(await body).length;
  };
  page.on('response', (response) => {
    const path = new URL(response.url()).pathname;
    if (path.endsWith('.js')) parts.push(add(response.body(), 'script'));
    else if (path.endsWith('.css')) parts.push(add(response.body(), 'style'));
    else if (path.endsWith('.woff2')) parts.push(add(response.body(), 'font'));
  });
  await page.goto(url, { waitUntil: 'networkidle' });
  await Promise.all(parts);
  return weights;
}

test('no page is heavier than it may be', async ({ browser }) => {
  const server = await startServer({ withRedis: false });
  const stranger = await browser.newContext();
  const person = await browser.newContext();
  const page = await person.newPage();
  await signedUp(page, server);
  const { id } = await makeKey(page, server, { name: 'Checkout' });
  const budgets = [
    { path: '/login', context: stranger, script: 35_000 },
    { path: '/signup', context: stranger, script: 35_000 },
    { path: '/', context: person, script: 95_000 },
    { path: '/keys', context: person, script: 150_000 },
    { path: `/keys/${id}`, context: person, script: 130_000 },
    { path: '/activity', context: person, script: 150_000 },
  ];
  for (const { path, context, script } of budgets) {
    // A context of its own, so that nothing is in the cache.
    const state = await context.storageState();
    const fresh = await browser.newContext({ storageState: state });
    const weights = await weigh(await fresh.newPage(), server.url + path);
    console.log(path.replace(id, '[id]'), weights);
    expect.soft(weights.script, `scripts of ${path}`).toBeLessThanOrEqual(script);
    expect.soft(weights.style, `styles of ${path}`).toBeLessThanOrEqual(20_000);
    expect.soft(weights.font, `fonts of ${path}`).toBeLessThanOrEqual(55_000);
    await fresh.close();
  }
  await server.stop();
});
