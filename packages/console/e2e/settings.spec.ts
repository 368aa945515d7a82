import { type Browser, expect, type Page, test } from '@playwright/test';
import { expectAccessible, settings, watchForFaults } from './looks.ts';
import { calls, command, makeKey, signedUp } from './person.ts';
import { type Server, startServer } from './server.ts';

let server: Server;
test.beforeAll(async () => {
  server = await startServer({ withRedis: false });
});
test.afterAll(() => server.stop());

interface Look {
  readonly width: number;
  readonly colorScheme: 'light' | 'dark';
}

/** A browser of its own, as another person has one, with what its page does wrong. */
async function anotherBrowser(browser: Browser, { width, colorScheme }: Look) {
  const context = await browser.newContext({ colorScheme, viewport: { width, height: 860 } });
  const page = await context.newPage();
  return { page, faults: watchForFaults(page, new URL(server.url).host), close: () => context.close() };
}

async function open(page: Page, part: string): Promise<void> {
  await page.goto(`${server.url}/settings?part=${part}`);
  await expect(page.getByText('Loading…')).toBeHidden();
}

/** Chooses from the menu of a row. */
async function choose(page: Page, row: RegExp, item: string): Promise<void> {
  await page.getByRole('row', { name: row }).getByRole('button', { name: /^Actions for/ }).click();
  await page.getByRole('menuitem', { name: item }).click();
}

for (const look of settings) {
  const { width, colorScheme } = look;
  test.describe(`settings, ${colorScheme}, ${width} px`, () => {
    test.use({ colorScheme, viewport: { width, height: 860 } });

    test('a person is invited, joins by the link, is given another role, and is taken out', async ({
      page,
      browser,
    }) => {
      const faults = watchForFaults(page, new URL(server.url).host);
      await signedUp(page, server, `ada-${width}@example.com`, 'Ada');
      await open(page, 'members');
      await page.getByRole('link', { name: 'Invite' }).click();
      await expect(page).toHaveURL(/\?part=members&invite$/);
      const dialog = page.getByRole('dialog');
      await dialog.getByLabel('E-mail').fill('nobody');
      await dialog.getByRole('button', { name: 'Make link' }).click();
      await expect(dialog.getByText('This is no e-mail address.')).toBeVisible();
      await expectAccessible(page, 'invite dialog, with an error');
      await dialog.getByLabel('E-mail').fill(`bob-${width}@example.com`);
      await dialog.getByLabel('Viewer').check();
      await dialog.getByRole('button', { name: 'Make link' }).click();
      const link = (await dialog.locator('code').textContent()) ?? '';
      expect(link).toMatch(/^http.*\/join#[\w-]{43}$/);
      await expectAccessible(page, 'link of an invitation');
      await dialog.getByRole('button', { name: 'Done' }).click();
      await expect(page.getByRole('link', { name: 'Invite' })).toBeFocused();
      await expect(page.getByRole('row', { name: /bob-/ })).toContainText('Viewer');

      const bob = await anotherBrowser(browser, look);
      await bob.page.goto(link);
      await expectAccessible(bob.page, 'join');
      await bob.page.getByLabel('Name').fill('Bob');
      await bob.page.getByLabel('E-mail').fill(`bob-${width}@example.com`);
      await bob.page.getByLabel('Password').fill('correct horse battery');
      await bob.page.getByRole('button', { name: 'Create account' }).click();
      await expect(bob.page.getByRole('heading', { name: 'Overview' })).toBeVisible();
      await open(bob.page, 'members');
      await expect(bob.page.getByRole('row', { name: /Ada/ })).toContainText('Owner');
      await expect(bob.page.getByRole('link', { name: 'Invite' })).toBeHidden();
      await expect(bob.page.getByRole('row', { name: /Bob/ })).toContainText('Viewer');

      // What he may do is other at once, without a touch of his page.
      await expect(page.getByRole('row', { name: /Bob/ })).toBeVisible();
      await choose(page, /Bob/, 'Change role…');
      await dialog.getByLabel('Admin').check();
      await expectAccessible(page, 'role dialog');
      await dialog.getByRole('button', { name: 'Save' }).click();
      await expect(bob.page.getByRole('link', { name: 'Invite' })).toBeVisible();
      await expect(bob.page.getByRole('row', { name: /Ada/ }).getByRole('button')).toBeHidden();

      await choose(page, /Bob/, 'Remove…');
      await dialog.getByRole('button', { name: 'Remove' }).click();
      await expect(bob.page.getByText('You are no longer in Ada’s workspace.')).toBeVisible();
      await expect(bob.page).toHaveURL(`${server.url}/`);
      await open(bob.page, 'workspace');
      await expect(bob.page.getByRole('definition').filter({ hasText: 'Bob’s workspace' })).toBeVisible();
      await bob.page.goto(link);
      await bob.page.getByRole('button', { name: 'Join workspace' }).click();
      await expect(bob.page.getByText('No such invitation, or it is used or expired.')).toBeVisible();
      expect([...faults, ...bob.faults]).toEqual([]);
      await bob.close();
    });

    test('another plan moves the limits of the meters, and counts stay', async ({ page, context }) => {
      const faults = watchForFaults(page, new URL(server.url).host);
      await signedUp(page, server, `grace-${width}@example.com`, 'Grace');
      const { secret } = await makeKey(page, server, { name: 'Checkout' });
      await calls(server, secret, 3);
      const overview = await context.newPage();
      await overview.goto(server.url);
      const day = overview.getByRole('meter').nth(1);
      await expect(day).toHaveAttribute('aria-valuemax', '5000');
      await open(page, 'plan');
      const card = (name: string) => page.getByRole('listitem').filter({ has: page.getByRole('heading', { name }) });
      await expect(card('Free')).toContainText('Current plan');
      await expect(card('Free')).toContainText('3 used now, 5 %');
      await expectAccessible(page, 'plan');
      await page.getByRole('button', { name: 'Choose Pro' }).click();
      const dialog = page.getByRole('dialog');
      await expect(dialog).toContainText('600 a minute · 100,000 a day · 2,000,000 a month');
      await expect(dialog).toContainText('What was counted stays counted');
      await expectAccessible(page, 'change of plan');
      await dialog.getByRole('button', { name: 'Change plan' }).click();
      await expect(card('Pro')).toContainText('Current plan');
      await expect(day).toHaveAttribute('aria-valuemax', '100000');
      await expect(overview.getByText('of 100,000')).toBeVisible();
      await expect(day).toHaveAttribute('aria-valuenow', '3');

      await open(page, 'workspace');
      await page.getByRole('button', { name: 'Rename' }).click();
      await dialog.getByLabel('Name').fill('');
      await dialog.getByRole('button', { name: 'Save' }).click();
      await expect(dialog.getByText('Give it a name.')).toBeVisible();
      await dialog.getByLabel('Name').fill('Grace & Sons');
      await dialog.getByRole('button', { name: 'Save' }).click();
      await expect(page.getByRole('definition').filter({ hasText: 'Grace & Sons' })).toBeVisible();
      await expectAccessible(page, 'workspace');
      await open(page, 'danger');
      await expect(page.getByRole('button', { name: 'Leave…' })).toBeDisabled();
      await expectAccessible(page, 'danger zone');
      await open(page, 'sessions');
      await expect(page.getByRole('row', { name: /This browser/ })).toContainText('127.0.0.1');
      await expectAccessible(page, 'sessions');
      await open(page, 'appearance');
      await page.getByRole('button', { name: 'Dark' }).click();
      await expect(page.locator('html')).toHaveAttribute('data-theme', 'dark');
      await expectAccessible(page, 'appearance');
      expect(faults).toEqual([]);
    });
  });
}
