import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, type Page, test } from '@playwright/test';
import { expectAccessible, watchForFaults } from './looks.ts';
import { type Server, startServer } from './server.ts';

const run = promisify(execFile);
async function signUp(page: Page, server: Server, email: string): Promise<void> {
  await page.goto(server.url);
  // On an instance without people the sign-in page leads on to sign-up.
  await expect(page).toHaveURL(/\/(login|signup)/);
  const signUpLink = page.getByRole('link', { name: 'Create account' });
  const heading = page.getByRole('heading', { name: /Create your account|Set up Gatekey/ });
  await expect(signUpLink.or(heading)).toBeVisible();
  if (await signUpLink.isVisible()) await signUpLink.click();
  await expect(heading).toBeVisible();
  await expectAccessible(page, 'sign-up');
  await page.getByLabel('Name').fill('Ada Lovelace');
  await page.getByLabel('E-mail').fill(email);
  await page.getByLabel('Password').fill('correct horse battery');
  await page.getByRole('button', { name: 'Create account' }).click();
  await expect(page.getByRole('heading', { name: 'Overview' })).toBeVisible();
}

/** Creates a key and gives the secret that the dialog shows, this once. */
async function createKey(page: Page, name: string): Promise<string> {
  await page
    .getByRole('button', { name: 'Create key' })
    .or(page.getByRole('link', { name: 'Create key' }))
    .first()
    .click();
  const form = page.getByRole('dialog');
  await form.getByLabel('Name').fill(name);
  await expectAccessible(page, 'create dialog');
  await form.getByRole('button', { name: 'Create key' }).click();
  const reveal = page.getByRole('dialog', { name: `Your new key: ${name}` });
  const secret = /gk_[0-9A-Za-z]{36}/.exec((await reveal.textContent()) ?? '')?.[0];
  if (secret === undefined) throw new Error('the dialog shows no secret');
  return secret;
}

const settings = [
  { store: 'in-process counters', withRedis: false, colorScheme: 'light', width: 1280 },
  { store: 'Redis', withRedis: true, colorScheme: 'dark', width: 390 },
] as const;

for (const { store, withRedis, colorScheme, width } of settings) {
  test.describe(`with ${store}, ${colorScheme}, ${width} px`, () => {
    let server: Server;
    test.beforeAll(async () => {
      server = await startServer({ withRedis });
    });
    test.afterAll(() => server.stop());
    test.use({ colorScheme, viewport: { width, height: 860 } });

    test('a person signs up, creates a key, makes the call that the page shows, and sees it arrive', async ({
      page,
    }) => {
      const faults = watchForFaults(page, new URL(server.url).host);
      await signUp(page, server, 'ada@example.com');
      await expectAccessible(page, 'empty overview');
      const secret = await createKey(page, 'Checkout');
      const reveal = page.getByRole('dialog');
      await expect(reveal).toContainText('Waiting for the first request');
      await expectAccessible(page, 'reveal dialog');

      // The very command of the page, run by a shell.
      const command = await reveal.locator('code, pre').filter({ hasText: 'curl' }).first().textContent();
      const { stdout } = await run('sh', ['-c', (command ?? '').replace('curl -i', 'curl -si')]);
      const calledAt = Date.now();
      expect(stdout).toContain('HTTP/1.1 200 OK');
      await expect(reveal).toContainText('Received 200 on GET /api/v1/ping from 127.0.0.1', { timeout: 1_000 });
      console.log(`first request shown ${Date.now() - calledAt} ms after its answer (${store})`);

      // The secret cannot be lost by accident.
      await page.keyboard.press('Escape');
      await expect(reveal).toBeVisible();
      await expect(reveal.getByRole('button', { name: 'Done' })).toBeDisabled();
      await reveal.getByLabel('I have stored this key').check();
      await reveal.getByRole('button', { name: 'Done' }).click();
      await expect(reveal).toBeHidden();
      await expect(page.getByRole('row', { name: /Checkout/ })).toBeVisible();
      await expectAccessible(page, 'keys');

      await page.getByRole('link', { name: 'Overview' }).click();
      const minute = page.getByRole('meter').nth(1);
      await expect(minute).toHaveAttribute('aria-valuenow', '1');
      const meterAt = Date.now();
      await fetch(`${server.url}/api/v1/ping`, { headers: { authorization: `Bearer ${secret}` } });
      await expect(page.getByText('4,998 left')).toBeVisible({ timeout: 1_000 });
      console.log(`meter moved ${Date.now() - meterAt} ms after the call was made (${store})`);
      await expectAccessible(page, 'overview');

      expect(await page.content()).not.toContain(secret);
      expect(
        await page.evaluate(() => JSON.stringify([{ ...localStorage }, { ...sessionStorage }, location.href])),
      ).not.toContain(secret);
      expect(faults).toEqual([]);
    });

    test('a person disables, enables, revokes and deletes a key, and the API obeys', async ({ page }) => {
      await signUp(page, server, 'grace@example.com');
      await page.getByRole('link', { name: 'API keys' }).click();
      const secret = await createKey(page, 'Nightly');
      await page.getByLabel('I have stored this key').check();
      await page.getByRole('button', { name: 'Done' }).click();
      const status = async () =>
        (await fetch(`${server.url}/api/v1/ping`, { headers: { authorization: `Bearer ${secret}` } })).status;
      const row = page.getByRole('row', { name: /Nightly/ });
      const choose = async (item: string) => {
        await row.getByRole('button').last().click();
        await page.getByRole('menuitem', { name: item }).click();
      };

      expect(await status()).toBe(200);
      await choose('Disable');
      await expect(row).toContainText('Disabled');
      expect(await status()).toBe(401);
      await choose('Enable');
      await expect(row).toContainText('Active');
      expect(await status()).toBe(200);
      await choose('Revoke');
      // Its code may still be on its way: then it would be judged half-way through appearing.
      await expect(page.getByRole('dialog')).toBeVisible();
      await expectAccessible(page, 'revoke dialog');
      await page.getByRole('dialog').getByRole('button', { name: 'Revoke' }).click();
      await expect(row).toContainText('Revoked');
      expect(await status()).toBe(401);
      await choose('Delete');
      await expect(page.getByRole('dialog')).toBeVisible();
      await expectAccessible(page, 'delete dialog');
      await page.getByRole('dialog').getByRole('textbox').fill('Nightly');
      await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
      await expect(row).toBeHidden();
    });
  });
}
