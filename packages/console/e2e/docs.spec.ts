import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, type Page, test } from '@playwright/test';
import { expectAccessibleInBothLooks, settings, watchForFaults } from './looks.ts';
import { calls, command, makeKey, signedUp } from './person.ts';
import { type Server, startServer } from './server.ts';

const run = promisify(execFile);
const shop = `
openapi: 3.0.3
info: { title: Shop API, version: "2" }
servers: [{ url: https://api.shop.example }]
paths:
  /orders:
    post:
      tags: [orders]
      summary: Place an order <img src=x onerror=alert(1)>
      security: [{ key: [orders:write] }]
      requestBody: { content: { application/json: { example: { item: "it's $(id)" } } } }
`;

let server: Server;
let directory: string;
test.beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'gatekey-docs-'));
  await writeFile(join(directory, 'openapi.yaml'), shop);
  const given = { UPSTREAM_OPENAPI: join(directory, 'openapi.yaml'), WEBHOOK_ALLOW_CIDRS: '127.0.0.0/8' };
  server = await startServer({ withRedis: false, env: given });
});
test.afterAll(async () => {
  await server.stop();
  await rm(directory, { recursive: true });
});

/** The limits as the API tells them, a line each: policy, limit, used, remaining. */
async function toldLimits(secret: string): Promise<string[]> {
  const answer = await fetch(`${server.url}/api/v1/limits`, { headers: { authorization: `Bearer ${secret}` } });
  const { data }: { data: { policy: string; limit: number; used: number; remaining: number }[] } = await answer.json();
  return data.map(({ policy, limit, used, remaining }) => [policy, limit, used, remaining].join(' '));
}

/** The same as the page shows them. */
async function shownLimits(page: Page): Promise<string[]> {
  const rows = await page.getByRole('table', { name: 'Limits of calls with this key' }).locator('tbody tr').all();
  return Promise.all(
    rows.map(async (row) => {
      const numbers = (await row.locator('td').allTextContents()).slice(0, 3);
      return [await row.locator('code').textContent(), ...numbers.map((text) => text.replaceAll(/\D/g, ''))].join(' ');
    }),
  );
}

const [{ width, colorScheme }] = settings;
test.describe(`${colorScheme}, ${width} px`, () => {
  test.use({ colorScheme, viewport: { width, height: 860 }, permissions: ['clipboard-read', 'clipboard-write'] });

  test('the API docs show calls that run as they are, and the limits as the API tells them', async ({ page }) => {
    const faults = watchForFaults(page, new URL(server.url).host);
    await signedUp(page, server, `docs-${width}@example.com`);
    const { id, secret } = await makeKey(page, server, { name: 'Checkout', limits: { minute: 10 } });
    await makeKey(page, server, { name: 'Billing' });
    const hint = `${secret.slice(0, 7)}…${secret.slice(-4)}`;

    // The newest key, until another one is chosen: the choice is in the address.
    await page.goto(`${server.url}/docs`);
    await page.getByLabel('Key', { exact: true }).selectOption({ label: `Checkout · ${hint}` });
    await expect(page).toHaveURL(`${server.url}/docs?key=${id}`);

    // The operator's API first, its texts as texts.
    await expect(page.locator('h3')).toHaveText([/^Shop API\s+https:\/\/api\.shop\.example$/, `Gatekey ${server.url}`]);
    const order = page.locator('details', { hasText: '/orders' }).first();
    await order.locator('summary').click();
    await expect(order).toContainText('Place an order <img src=x onerror=alert(1)>');
    await expect(order).toContainText('needs orders:write');
    await expect(order.locator('pre')).toContainText(`"item": "it'\\''s $(id)"`);

    // The very command of the page, run by a shell.
    const ping = page.locator('details', { hasText: '/api/v1/ping' }).first();
    await ping.locator('summary').click();
    await expect(ping.locator('pre')).toContainText(`# GATEKEY_KEY is the secret of ${hint}`);
    await ping.getByRole('button', { name: 'Copy' }).click();
    await expect(ping.getByText('Copied')).toBeVisible();
    const copied = await page.evaluate(() => navigator.clipboard.readText());
    expect(copied).toContain(`${server.url}/api/v1/ping`);
    const env = { ...process.env, GATEKEY_KEY: secret };
    expect((await run('sh', ['-c', copied], { env })).stdout).toContain('HTTP/1.1 200 OK');

    await calls(server, secret, 4);
    const equal = async () => {
      const [told, shown] = [await toldLimits(secret), await shownLimits(page)];
      return { told, isEqual: told.join() === shown.join() };
    };
    await expect.poll(async () => (await equal()).isEqual, { timeout: 5_000 }).toBe(true);
    expect((await equal()).told.find((line) => line.startsWith('day '))).toBe('day 5000 5 4995');
    expect((await equal()).told.some((line) => line.startsWith('key-minute 10 '))).toBe(true);
    await expectAccessibleInBothLooks(page, 'docs');

    // Numbers that may no longer be true carry the time they are from: frozen, or without a line.
    await page.getByRole('button', { name: /^Pause/ }).click();
    await expect(page.getByText(/As of .*no longer be true/)).toBeVisible();
    await page.getByRole('button', { name: /^Resume/ }).click();
    await expect(page.getByText(/As of .*no longer be true/)).toBeHidden();
    await page.context().setOffline(true);
    await expect(page.getByText(/As of .*no longer be true/)).toBeVisible({ timeout: 15_000 });
    await expectAccessibleInBothLooks(page, 'docs, without a line');
    await page.context().setOffline(false);
    await expect(page.getByText(/As of .*no longer be true/)).toBeHidden({ timeout: 10_000 });

    // What is looked at lives in the address; a secret does not.
    await page.getByRole('button', { name: 'Python' }).click();
    await page.getByRole('searchbox', { name: 'Search endpoints' }).fill('post rotate');
    await expect(page).toHaveURL(`${server.url}/docs?key=${id}&language=python&search=post+rotate`);
    await expect(page.locator('details summary code')).toHaveText([
      '/api/v1/keys/{id}/rotate',
      '/api/v1/webhooks/{id}/rotate',
    ]);
    await page.locator('summary', { hasText: '/api/v1/keys/{id}/rotate' }).click();
    await expect(page.locator('pre', { hasText: 'urlopen' })).toContainText(`/api/v1/keys/${id}/rotate`);
    await page.getByRole('searchbox', { name: 'Search endpoints' }).fill(secret);
    await expect(page.getByText('No endpoint matches.')).toBeVisible();
    await expect(page.getByRole('searchbox', { name: 'Search endpoints' })).toHaveValue(hint);
    expect(page.url()).not.toContain(secret.slice(0, 8));
    await page.locator('summary', { hasText: 'Error codes with their status' }).click();
    await expect(page.getByRole('row', { name: /quota_exceeded 429/ })).toContainText('move to a larger plan');
    await expectAccessibleInBothLooks(page, 'docs, errors');
    expect(await page.content()).not.toContain(secret);
    // The browser tells that it was without a line, as it was.
    expect(faults.filter((text) => !text.includes('ERR_INTERNET_DISCONNECTED'))).toEqual([]);
  });

  test('the palette is found, asked and left by keyboard alone', async ({ page }) => {
    const faults = watchForFaults(page, new URL(server.url).host);
    const sent: string[] = [];
    page.on('request', (request) => sent.push(request.url(), request.postData() ?? ''));
    await signedUp(page, server, `palette-${width}@example.com`);
    const { id, secret } = await makeKey(page, server, { name: 'Nightly import' });
    await page.goto(`${server.url}/keys`);
    const search = page.getByRole('searchbox', { name: 'Search' });
    await search.focus();
    await page.keyboard.press('Control+k');
    const field = page.getByRole('combobox', { name: 'What are you looking for?' });
    await expect(field).toBeFocused();
    await expect(page.getByRole('option', { name: 'Overview' })).toHaveAttribute('aria-selected', 'true');
    await expectAccessibleInBothLooks(page, 'palette');
    await page.keyboard.press('Escape');
    await expect(field).toBeHidden();
    await expect(search).toBeFocused();

    await page.keyboard.press('Control+k');
    await page.keyboard.type('nightly');
    await expect(page.getByRole('option', { name: /Nightly import/ })).toBeVisible();
    await expect(page.getByText('1 result')).toBeVisible();
    await page.keyboard.press('Enter');
    await expect(page).toHaveURL(`${server.url}/keys/${id}`);
    await expect(page.getByRole('heading', { name: 'Nightly import' })).toBeVisible();

    // A secret finds its key and is sent nowhere.
    await page.keyboard.press('Control+k');
    await page.keyboard.insertText(`Bearer ${secret}`);
    await expect(page.getByRole('option', { name: /Nightly import/ })).toBeVisible();
    await expect(field).toHaveValue(`${secret.slice(0, 7)}…${secret.slice(-4)}`);
    expect(sent.join('\n')).not.toContain(secret.slice(0, 8));

    await field.fill('theme');
    await page.keyboard.press('ArrowDown');
    const chosen = await page.locator('[role="option"][aria-selected="true"]').textContent();
    await page.keyboard.press('Enter');
    await expect(page.locator('html')).toHaveAttribute('data-theme', chosen?.includes('Light') ? 'light' : 'dark');

    // Without a keyboard: the button in the rail, and its focus afterwards.
    const opener = page.getByRole('button', { name: 'Search pages, keys and actions' });
    await opener.click();
    await expectAccessibleInBothLooks(page, 'palette, in the chosen theme');
    await page.getByRole('button', { name: 'Close' }).click();
    await expect(opener).toBeFocused();
    await opener.click();
    await page.getByRole('option', { name: 'Create key' }).click();
    await expect(page.getByRole('dialog', { name: /key/i })).toBeVisible();
    // While a dialog is open the palette is not.
    await page.keyboard.press('Control+k');
    await expect(field).toBeHidden();
    expect(faults).toEqual([]);
  });
});

test('the first steps tick as they happen, go when they are done, and can be hidden', async ({ page, browser }) => {
  const faults = watchForFaults(page, new URL(server.url).host);
  await signedUp(page, server, 'steps@example.com');
  await page.goto(server.url);
  const steps = page.getByRole('region', { name: 'Getting started' });
  await expect(steps).toContainText('0 of 4 done');
  await expectAccessibleInBothLooks(page, 'first steps');
  const { secret } = await makeKey(page, server, { name: 'First' });
  await expect(steps).toContainText('1 of 4 done');
  await calls(server, secret);
  await expect(steps).toContainText('2 of 4 done');

  const allow = 'mutation { done: setIpAllowlist(input: { ipAllowlist: ["127.0.0.1"] }) { __typename } }';
  await command(page, server, allow);
  await page.reload();
  await expect(steps).toContainText('3 of 4 done');

  const receiver = createServer((_request, response) => response.end()).listen(0, '127.0.0.1');
  await new Promise((resolve) => receiver.once('listening', resolve));
  const address = receiver.address();
  const url = `http://127.0.0.1:${address !== null && typeof address === 'object' ? address.port : 0}/`;
  const made = await command(
    page,
    server,
    'mutation ($url: String!) { done: createWebhookEndpoint(input: { url: $url }) { ... on CreateWebhookEndpointPayload { endpoint { id } } } }',
    { url },
  );
  await command(page, server, 'mutation ($id: ID!) { done: sendTestWebhook(id: $id) { __typename } }', made.endpoint);
  const arrived = `query ($id: ID!) { done: node(id: $id) { ... on WebhookEndpoint { deliveries(state: DELIVERED) { edges { node { id } } } } } }`;
  await expect
    .poll(async () => (await command(page, server, arrived, made.endpoint)).deliveries.edges.length, {
      timeout: 10_000,
    })
    .toBe(1);
  await page.reload();
  await expect(page.getByRole('heading', { name: 'Keys by traffic today' })).toBeVisible();
  await expect(steps).toBeHidden();
  receiver.close();

  const other = await browser.newPage();
  await signedUp(other, server, 'hides@example.com');
  await other.goto(server.url);
  await other.getByRole('button', { name: 'Hide' }).click();
  await expect(other.getByRole('region', { name: 'Getting started' })).toBeHidden();
  const asked = other.waitForResponse('**/graphql');
  await other.reload();
  await asked;
  await expect(other.getByRole('heading', { name: 'Overview' })).toBeVisible();
  await expect(other.getByRole('region', { name: 'Getting started' })).toBeHidden();
  await other.close();
  expect(faults).toEqual([]);
});
