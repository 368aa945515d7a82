import { expect, test } from '@playwright/test';
import { expectAccessible } from './looks.ts';
import { signedUp } from './person.ts';
import { startServer } from './server.ts';

test('the way in knows who is there, and what one tab does is true for all', async ({ page, context }) => {
  const server = await startServer({ withRedis: false });
  await page.goto(`${server.url}/keys?status=active`);
  await expect(page.getByRole('heading', { name: 'Set up Gatekey' })).toBeVisible();
  await expect(page).toHaveURL(`${server.url}/signup?next=${encodeURIComponent('/keys?status=active')}`);
  await expectAccessible(page, 'first account');

  await signedUp(page, server);
  for (const path of ['/login', '/signup']) {
    await page.goto(server.url + path);
    await expect(page.getByRole('heading', { name: 'Overview' })).toBeVisible();
    await expect(page).toHaveURL(`${server.url}/`);
  }
  const other = await context.newPage();
  await other.goto(`${server.url}/keys`);
  await expect(other.getByRole('heading', { name: 'API keys' })).toBeVisible();

  await page.getByRole('button', { name: 'Sign out' }).click();
  await expect(page.getByRole('heading', { name: 'Sign in to Gatekey' })).toBeVisible();
  await expect(other.getByRole('heading', { name: 'Sign in to Gatekey' })).toBeVisible();
  await expect(other).toHaveURL(`${server.url}/login?next=${encodeURIComponent('/keys')}`);
  await server.stop();
});
