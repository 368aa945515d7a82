import { expect, type Page, test } from '@playwright/test';
import { expectAccessible, expectNoOverflow, settings } from './looks.ts';
import { signedUp } from './person.ts';
import { startServer } from './server.ts';

async function signIn(page: Page, email: string, password = 'correct horse battery'): Promise<void> {
  await page.getByLabel('E-mail').fill(email);
  await page.getByLabel('Password').fill(password);
  await page.getByRole('button', { name: 'Sign in' }).click();
}

/** Whether a script that somebody got into the page would run. */
const runsInline = (page: Page): Promise<boolean> =>
  page.evaluate(() => {
    const script = document.createElement('script');
    script.textContent = 'window.isForeign = true';
    document.head.append(script);
    return 'isForeign' in window;
  });

test('the way in knows who is there, and what one tab does is true for all', async ({ page, context, browser }) => {
  const server = await startServer({ withRedis: false });
  await page.goto(`${server.url}/keys?status=active`);
  await expect(page.getByRole('heading', { name: 'Set up Gatekey' })).toBeVisible();
  await expect(page).toHaveURL(`${server.url}/signup?next=${encodeURIComponent('/keys?status=active')}`);
  await expectAccessible(page, 'first account');
  expect(await runsInline(page)).toBe(false);

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

  await other.getByRole('button', { name: 'Sign in' }).click();
  await expect(other.getByText('E-mail is missing.')).toBeVisible();
  await expect(other.getByLabel('E-mail')).toBeFocused();
  await signIn(other, 'ada@example.com', 'wrong horse battery');
  await expect(other.getByRole('alert')).toHaveText('Invalid email or password');
  await expectAccessible(other, 'sign-in, refused');
  await signIn(other, 'ada@example.com');
  await expect(other.getByText('Ada Lovelace', { exact: true })).toBeVisible();
  await expect(other).toHaveURL(`${server.url}/keys`);

  const elsewhere = await browser.newContext();
  await signedUp(await elsewhere.newPage(), server, 'eve@example.com', 'Eve Moneypenny');
  await signIn(page, 'eve@example.com');
  await expect(page.getByText('Eve Moneypenny', { exact: true })).toBeVisible();
  await expect(other.getByText('Eve Moneypenny', { exact: true })).toBeVisible();

  // A secret that is not stored yet is not taken away.
  await other.goto(`${server.url}/keys?new`);
  const dialog = other.getByRole('dialog');
  await dialog.getByLabel('Name').fill('Checkout');
  await dialog.getByRole('button', { name: 'Create key' }).click();
  const stored = dialog.getByLabel('I have stored this key');
  await expect(stored).toBeVisible();
  const isToldSignedOut = other.waitForResponse(
    async (answer) => answer.url().endsWith('/graphql') && (await answer.text()).includes('UNAUTHENTICATED'),
  );
  await page.getByRole('button', { name: 'Sign out' }).click();
  await expect(page.getByRole('heading', { name: 'Sign in to Gatekey' })).toBeVisible();
  await isToldSignedOut;
  await stored.check();
  await dialog.getByRole('button', { name: 'Done' }).click();
  await expect(other.getByRole('heading', { name: 'Sign in to Gatekey' })).toBeVisible();
  await elsewhere.close();
  await server.stop();
});

test('the frame stands from the first moment, around every address, and its bar holds all places', async ({ page }) => {
  const server = await startServer({ withRedis: false });
  await signedUp(page, server);
  const answers = Promise.withResolvers<void>();
  await page.route('**/graphql', async (route) => {
    await answers.promise;
    await route.continue();
  });
  const links = page.getByRole('navigation', { name: 'Main' }).getByRole('link');
  const shell = page.locator('#shell');
  await page.goto(`${server.url}/nosuch`);
  // Only where the answer takes its time, so that nothing flashes.
  expect(await shell.evaluate((element) => getComputedStyle(element).animationDelay)).toBe('0.2s');
  await expect(shell).toBeVisible();
  for (const { width } of settings) {
    await page.setViewportSize({ width, height: 720 });
    await expectNoOverflow(page, `shape of the frame, ${width} px`);
  }
  await page.setViewportSize({ width: 1280, height: 720 });
  answers.resolve();
  await expect(page.getByRole('heading', { name: 'Nothing here' })).toBeVisible();
  await expect(shell).toHaveCount(0);
  await expect(links).toHaveText(['Overview', 'API keys', 'Requests', 'Security', 'Activity', 'API docs', 'Settings']);
  const beyond = () => page.evaluate(() => document.documentElement.scrollHeight - innerHeight);
  expect(await beyond()).toBe(0);
  await expectAccessible(page, 'no such page');

  await page.setViewportSize({ width: 390, height: 720 });
  expect(await beyond()).toBe(0);
  await expect(links).toHaveText(['Overview', 'API keys', 'Requests', 'Security']);
  for (const link of await links.all()) expect((await link.boundingBox())?.width).toBeGreaterThanOrEqual(44);
  const more = page.getByRole('button', { name: 'More' });
  await more.press('Enter');
  await expect(page.getByRole('menuitem')).toHaveText(['Activity', 'API docs', 'Settings', 'Sign out']);
  await expectAccessible(page, 'the other places');
  await page.keyboard.press('End');
  await page.keyboard.press('ArrowUp');
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(`${server.url}/settings`);
  await expect(more).toHaveAttribute('aria-current', 'true');
  await links.first().click();
  await expect(more).not.toHaveAttribute('aria-current');
  await expect(links.first()).toHaveAttribute('aria-current', 'page');
  await more.click();
  await page.getByRole('menuitem', { name: 'Sign out' }).click();
  await expect(page.getByRole('heading', { name: 'Sign in to Gatekey' })).toBeVisible();
  await server.stop();
});
