import { gzipSync } from 'node:zlib';
import { expect, type Page, test } from '@playwright/test';
import { makeKey, signedUp } from './person.ts';
import { startServer } from './server.ts';

const kinds = { js: 'script', css: 'style', woff2: 'font' } as const;

/** What a first visit of a page brings, in bytes: scripts and styles gzipped, fonts as they are. */
async function weigh(page: Page, url: string) {
  await page.goto(url, { waitUntil: 'networkidle' });
  const loaded = await page.evaluate(() => performance.getEntriesByType('resource').map(({ name }) => name));
  const weights = { script: 0, style: 0, font: 0 };
  for (const one of new Set(loaded)) {
    const ending = /\.(js|css|woff2)$/.exec(new URL(one).pathname)?.[1];
    if (ending !== 'js' && ending !== 'css' && ending !== 'woff2') continue;
    const body = await (await page.request.get(one)).body();
    weights[kinds[ending]] += ending === 'woff2' ? body.length : gzipSync(body).length;
  }
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
    { path: '/requests', context: person, script: 150_000 },
    { path: '/docs', context: person, script: 150_000 },
    { path: '/activity', context: person, script: 150_000 },
    { path: '/security', context: person, script: 150_000 },
    { path: '/settings', context: person, script: 150_000 },
  ];
  for (const { path, context, script } of budgets) {
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
