import { type Browser, type BrowserContext, expect, type Page, test } from '@playwright/test';
import { expectAccessible, settings, watchForFaults } from './looks.ts';
import { calls, makeKey, signedUp } from './person.ts';
import { type Server, startServer } from './server.ts';

let server: Server;
/** Signed in as the operator, who is the first to come. */
let operator: Awaited<ReturnType<BrowserContext['storageState']>>;
test.beforeAll(async ({ browser }) => {
  server = await startServer({ withRedis: false });
  const context = await browser.newContext();
  await signedUp(await context.newPage(), server, 'olga@example.com', 'Olga');
  operator = await context.storageState();
  await context.close();
});
test.afterAll(() => server.stop());

type Look = (typeof settings)[number];
const [wide, narrow] = settings;
const used = ({ width, colorScheme }: Look) => ({ colorScheme, viewport: { width, height: 860 } });

/** A browser of its own, as another person has one, with what its page does wrong. */
async function anotherBrowser(browser: Browser, look: Look, storageState?: typeof operator) {
  const context = await browser.newContext({ ...used(look), ...(storageState && { storageState }) });
  const page = await context.newPage();
  return { page, faults: watchForFaults(page, new URL(server.url).host), close: () => context.close() };
}

async function open(page: Page, part: string): Promise<void> {
  await page.goto(`${server.url}/settings?part=${part}`);
  await expect(page.getByRole('heading', { name: 'Settings' })).toBeAttached();
  await expect(page.getByText('Loading…')).toBeHidden();
}

/** Chooses from the menu of a row. */
async function choose(page: Page, row: RegExp, item: string): Promise<void> {
  await page
    .getByRole('row', { name: row })
    .getByRole('button', { name: /^Actions for/ })
    .click();
  await page.getByRole('menuitem', { name: item }).click();
}

test.describe('the people of a workspace', () => {
  test.use(used(wide));

  test('a person is invited, joins by the link, is given another role and the workspace, and takes the other out', async ({
    page,
    browser,
  }) => {
    const faults = watchForFaults(page, new URL(server.url).host);
    await signedUp(page, server, 'ada@example.com', 'Ada');
    await open(page, 'members');
    await page.getByRole('link', { name: 'Invite' }).click();
    await expect(page).toHaveURL(/\?part=members&invite$/);
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('E-mail').fill('nobody');
    await dialog.getByRole('button', { name: 'Make link' }).click();
    await expect(dialog.getByText('This is no e-mail address.')).toBeVisible();
    await expectAccessible(page, 'invite dialog, with an error');
    await dialog.getByLabel('E-mail').fill('bob@example.com');
    await dialog.getByLabel('Viewer').check();
    await dialog.getByRole('button', { name: 'Make link' }).click();
    const link = (await dialog.locator('code').textContent()) ?? '';
    expect(link).toMatch(/^http.*\/join#[\w-]{43}$/);
    await expectAccessible(page, 'link of an invitation');
    await dialog.getByRole('button', { name: 'Done' }).click();
    await expect(page.getByRole('link', { name: 'Invite' })).toBeFocused();
    await expect(page.getByRole('row', { name: /bob@/ })).toContainText('Viewer');

    const bob = await anotherBrowser(browser, wide);
    await bob.page.goto(link);
    await expect(bob.page.getByRole('heading', { name: 'You are invited' })).toBeVisible();
    await expectAccessible(bob.page, 'join');
    await bob.page.getByLabel('Name').fill('Bob');
    await bob.page.getByLabel('E-mail').fill('bob@example.com');
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

    // He has a workspace of his own as well, and goes there and back.
    await open(bob.page, 'workspace');
    const here = bob.page.getByRole('row', { name: /You are here/ });
    await bob.page.getByRole('button', { name: 'Switch to Bob’s workspace' }).click();
    await expect(here).toContainText('Bob’s workspace');
    await bob.page.getByRole('button', { name: 'Switch workspace' }).click();
    await bob.page.getByRole('menuitem', { name: 'Ada’s workspace' }).click();
    await expect(here).toContainText('Ada’s workspace');

    await open(page, 'danger');
    await page.getByRole('button', { name: 'Transfer…' }).click();
    await dialog.getByLabel('Type Ada’s workspace to confirm').fill('Ada’s workspace');
    await expectAccessible(page, 'transfer dialog');
    await dialog.getByRole('button', { name: 'Transfer ownership' }).click();
    await expect(page.getByRole('button', { name: 'Transfer…' })).toBeHidden();
    await expect(page.getByRole('button', { name: 'Leave…' })).toBeEnabled();
    await open(bob.page, 'members');
    await choose(bob.page, /ada@/, 'Remove…');
    await bob.page.getByRole('dialog').getByRole('button', { name: 'Remove' }).click();
    // It was her only one.
    await expect(page.getByText('You are in no workspace any more.')).toBeVisible();
    await expectAccessible(page, 'nowhere');
    await page.getByRole('button', { name: 'Sign out' }).click();
    await expect(page.getByRole('heading', { name: 'Sign in to Gatekey' })).toBeVisible();
    await bob.page.goto(link);
    await bob.page.getByRole('button', { name: 'Join workspace' }).click();
    await expect(bob.page.getByText('No such invitation, or it is used or expired.')).toBeVisible();
    expect([...faults, ...bob.faults]).toEqual([]);
    await bob.close();
  });
});

test.describe('a plan and a person', () => {
  test.use(used(narrow));

  test('another plan moves the limits of the meters, counts stay, and other browsers are signed out', async ({
    page,
    context,
    browser,
  }) => {
    const faults = watchForFaults(page, new URL(server.url).host);
    await signedUp(page, server, 'grace@example.com', 'Grace');
    const { secret } = await makeKey(page, server, { name: 'Checkout' });
    await calls(server, secret, 3);
    const overview = await context.newPage();
    await overview.goto(server.url);
    const day = overview.getByRole('meter').nth(1);
    await expect(day).toHaveAttribute('aria-valuemax', '5000');
    await open(page, 'plan');
    const card = (name: string) => page.getByRole('listitem').filter({ has: page.getByRole('heading', { name }) });
    await expect(card('Free')).toContainText('Current plan');
    await expect(card('Free')).toContainText('3 used now');
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
    const phone = await anotherBrowser(browser, narrow);
    const credentials = { email: 'grace@example.com', password: 'correct horse battery' };
    const headers = { origin: server.url };
    await phone.page.request.post(`${server.url}/api/auth/sign-in/email`, { headers, data: credentials });
    await phone.page.goto(server.url);
    await expect(phone.page.getByRole('heading', { name: 'Overview' })).toBeVisible();
    await page.reload();
    await expect(page.getByRole('table').getByRole('rowheader')).toHaveCount(2);
    await page.getByRole('button', { name: 'End all others' }).click();
    await dialog.getByRole('button', { name: 'End them' }).click();
    await expect(page.getByRole('table').getByRole('rowheader')).toHaveCount(1);
    await expect(phone.page.getByRole('heading', { name: 'Sign in to Gatekey' })).toBeVisible();
    await phone.close();
    await expectAccessible(page, 'sessions');
    await open(page, 'appearance');
    await page.getByRole('button', { name: 'Dark' }).click();
    await expect(page.locator('html')).toHaveAttribute('data-theme', 'dark');
    await expectAccessible(page, 'appearance');
    expect(faults).toEqual([]);
  });
});

test.describe('the instance', () => {
  test.use(used(narrow));

  test('the operator makes plans and cost rules, and suspends a workspace', async ({ page, browser }) => {
    await signedUp(page, server, 'zoe@example.com', 'Zoe');
    const { secret } = await makeKey(page, server, { name: 'Checkout' });
    await page.goto(`${server.url}/settings?part=plans`);
    await expect(page.getByRole('definition').filter({ hasText: 'Owner' })).toBeVisible();
    await expect(page.getByRole('link', { name: 'Cost rules' })).toBeHidden();

    const olga = await anotherBrowser(browser, narrow, operator);
    await open(olga.page, 'plans');
    await olga.page.getByRole('link', { name: 'New plan' }).click();
    const dialog = olga.page.getByRole('dialog');
    await dialog.getByLabel('Name').fill('Pro');
    await dialog.getByLabel('Per minute').fill('none');
    await dialog.getByRole('button', { name: 'Create' }).click();
    await expect(dialog.getByText('A whole number from 1 up, or nothing.')).toBeVisible();
    await expectAccessible(olga.page, 'form of a plan, with an error');
    await dialog.getByLabel('Per minute').fill('1,200');
    await dialog.getByRole('button', { name: 'Create' }).click();
    await expect(dialog.getByText('There is a plan of this name already.')).toBeVisible();
    await dialog.getByLabel('Name').fill('Team');
    await dialog.getByRole('button', { name: 'Create' }).click();
    const plan = olga.page.getByRole('row', { name: 'Team' });
    await expect(plan).toContainText('1,200');
    await plan.getByRole('link').click();
    await dialog.getByLabel('Per day').fill('9000');
    await dialog.getByRole('button', { name: 'Save' }).click();
    await expect(plan).toContainText('9,000');
    await expectAccessible(olga.page, 'plans');

    await open(olga.page, 'rules');
    await olga.page.getByRole('link', { name: 'New rule' }).click();
    await dialog.getByLabel('Path').fill('/api/v1/re*ports');
    await dialog.getByLabel('Cost').fill('25');
    await dialog.getByRole('button', { name: 'Create' }).click();
    await expect(dialog.getByText('“*” for any one segment')).toBeVisible();
    await expectAccessible(olga.page, 'form of a cost rule, with an error');
    await dialog.getByLabel('Path').fill('/api/v1/reports/*');
    await dialog.getByLabel('Method').selectOption('POST');
    await dialog.getByLabel('Not on 5xx').check();
    await dialog.getByRole('button', { name: 'Create' }).click();
    const rule = olga.page.getByRole('row', { name: '/api/v1/reports/*' });
    await expect(rule).toContainText('25');
    await expectAccessible(olga.page, 'cost rules');
    await choose(olga.page, /reports/, 'Edit');
    await dialog.getByLabel('Cost').fill('0');
    await dialog.getByRole('button', { name: 'Save' }).click();
    await expect(rule).toContainText('Free');
    await choose(olga.page, /reports/, 'Delete…');
    await dialog.getByRole('button', { name: 'Delete' }).click();
    await expect(rule).toBeHidden();

    await open(olga.page, 'workspaces');
    await olga.page.getByRole('searchbox', { name: 'Search workspaces' }).fill('zoe@');
    await expect(olga.page).toHaveURL(/search=zoe/);
    const row = olga.page.getByRole('row', { name: 'Zoe’s workspace' });
    await expect(olga.page.getByRole('rowheader')).toHaveCount(1);
    await choose(olga.page, /Zoe/, 'Give a plan…');
    await dialog.getByLabel('Plan').selectOption('Team');
    await dialog.getByRole('button', { name: 'Give plan' }).click();
    await expect(row).toContainText('Team');
    expect(await calls(server, secret)).toEqual([200]);
    await choose(olga.page, /Zoe/, 'Suspend…');
    await expectAccessible(olga.page, 'suspend dialog');
    await dialog.getByRole('button', { name: 'Suspend' }).click();
    await expect(row).toContainText('Suspended');
    expect(await calls(server, secret)).toEqual([401]);
    await expect(page.getByText('The operator has suspended this workspace')).toBeVisible();
    await choose(olga.page, /Zoe/, 'Resume…');
    await dialog.getByRole('button', { name: 'Resume' }).click();
    await expect(row).toContainText('Running');
    expect(await calls(server, secret)).toEqual([200]);
    await expect(page.getByText('The operator has suspended this workspace')).toBeHidden();
    await expectAccessible(olga.page, 'workspaces');
    expect(olga.faults).toEqual([]);
    await olga.close();
  });
});

for (const look of settings) {
  test(`every part is accessible, ${look.colorScheme}, ${look.width} px, with a dialog as well`, async ({
    browser,
  }) => {
    const olga = await anotherBrowser(browser, look, operator);
    const parts = ['workspace', 'members&invite', 'plan', 'danger', 'appearance', 'sessions', 'plans&new', 'rules&new'];
    for (const part of [...parts, 'workspaces']) {
      await open(olga.page, part);
      await expect(olga.page.getByRole('dialog')).toHaveCount(part.includes('&') ? 1 : 0);
      await expectAccessible(olga.page, part);
    }
    expect(olga.faults).toEqual([]);
    await olga.close();
  });
}
