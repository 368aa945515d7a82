import { expect, test } from '@playwright/test';
import { expectAccessible, expectNoOverflow, settings, watchForFaults } from './looks.ts';
import { calls, command, makeKey, signedUp } from './person.ts';
import { type Server, startServer } from './server.ts';

let server: Server;
test.beforeAll(async () => {
  server = await startServer({ withRedis: false });
});
test.afterAll(() => server.stop());

for (const { width, colorScheme } of settings) {
  test.describe(`keys, ${colorScheme}, ${width} px`, () => {
    test.use({ colorScheme, viewport: { width, height: 860 } });

    test('everything about a key can be set and changed, and what is wrong is told at its field', async ({ page }) => {
      const faults = watchForFaults(page, new URL(server.url).host);
      await signedUp(page, server, `set-${width}@example.com`);
      await page.goto(`${server.url}/keys?new`);
      const dialog = page.getByRole('dialog');
      await dialog.getByLabel('Name').fill('Importer');
      await dialog.getByText('Scopes', { exact: true }).click();
      await dialog.getByLabel('usage:read').check();
      await dialog.getByLabel('Scopes of your own API').fill('orders:read Orders');
      await dialog.getByText('Limits and addresses').click();
      await dialog.getByLabel('Allowed addresses').fill('10.0.0.1\n10.0.0\n127.0.0.1\nhere');
      await dialog.getByRole('button', { name: 'Create key' }).click();
      await expect(dialog.getByText('Line 2, “10.0.0”, is not an IP address or range.')).toBeVisible();
      await expect(dialog.getByText('Line 4, “here”, is not an IP address or range.')).toBeVisible();
      await expect(dialog.getByText('“Orders” is no scope')).toBeVisible();
      await expectAccessible(page, 'create dialog, unfolded, with errors');
      await dialog.getByLabel('Allowed addresses').fill('127.0.0.1');
      await dialog.getByLabel('Scopes of your own API').fill('orders:read');
      await dialog.getByRole('button', { name: 'Create key' }).click();
      await dialog.getByLabel('I have stored this key').check();
      await dialog.getByRole('button', { name: 'Done' }).click();

      const row = page.getByRole('row', { name: /Importer/ });
      await row.getByRole('button').click();
      await page.getByRole('menuitem', { name: 'Edit' }).click();
      await expect(dialog.getByLabel('Name')).toHaveValue('Importer');
      await dialog.getByLabel('Name').fill('Importer of orders');
      await dialog.getByText('Limits and addresses').click();
      await dialog.getByLabel('Per day').fill('2,500');
      await dialog.getByText('Metadata', { exact: true }).click();
      await dialog.getByLabel('A JSON object').fill('{ "team": "payments" }');
      await expectAccessible(page, 'edit dialog');
      await dialog.getByRole('button', { name: 'Save' }).click();
      await expect(page.getByRole('row', { name: /Importer of orders/ })).toBeVisible();
      await expect(row.getByRole('button')).toBeFocused();

      const [{ node }] = (
        await command(
          page,
          server,
          '{ done: workspace { keys { edges { node { name scopes ipAllowlist metadata limits { minute day month } } } } } }',
        )
      ).keys.edges;
      expect(node).toEqual({
        name: 'Importer of orders',
        scopes: ['orders:read', 'usage:read'],
        ipAllowlist: ['127.0.0.1'],
        metadata: { team: 'payments' },
        limits: { minute: null, day: 2500, month: null },
      });
      expect(faults).toEqual([]);
    });

    test('a rotated key has two secrets until the old one is ended', async ({ page }) => {
      await signedUp(page, server, `rotate-${width}@example.com`);
      const { id, secret: old } = await makeKey(page, server, { name: 'Nightly' });
      await page.goto(`${server.url}/keys`);
      const row = page.getByRole('row', { name: /Nightly/ });
      await row.getByRole('button').click();
      await page.getByRole('menuitem', { name: 'Rotate' }).click();
      const dialog = page.getByRole('dialog');
      await expect(dialog.getByLabel('24 hours')).toBeChecked();
      await expect(dialog.getByLabel('24 hours')).toBeFocused();
      await dialog.getByLabel('7 days').check();
      await expectAccessible(page, 'rotate dialog');
      await dialog.getByRole('button', { name: 'Rotate' }).click();
      await expect(dialog.getByText('The old secret goes on until')).toBeVisible();
      const secret = /gk_[0-9A-Za-z]{36}/.exec((await dialog.textContent()) ?? '')?.[0] ?? '';
      expect([await calls(server, old), await calls(server, secret)]).toEqual([[200], [200]]);
      await page.keyboard.press('Escape');
      await expect(dialog).toBeVisible();
      await dialog.getByLabel('I have stored this key').check();
      await dialog.getByRole('button', { name: 'Done' }).click();
      await expect(row).toContainText('old secret ends in 7 d');

      await row.getByRole('link', { name: 'Nightly' }).click();
      await expect(page.getByText('Two secrets of this key pass; the old one ends in 7 d.')).toBeVisible();
      await page.getByRole('link', { name: 'See both' }).click();
      await expect(page).toHaveURL(`${server.url}/keys/${id}?tab=security`);
      await expect(page.getByText(/Last used .* from 127\.0\.0\.1\./)).toBeVisible();
      await expectAccessible(page, 'two secrets');
      await page.getByRole('button', { name: 'End overlap now' }).click();
      await expect(page.getByRole('dialog')).toBeVisible();
      await expectAccessible(page, 'end dialog');
      await page.getByRole('dialog').getByRole('button', { name: 'End overlap now' }).click();
      await expect(page.getByText('Two secrets of this key pass')).toBeHidden();
      expect([await calls(server, old), await calls(server, secret)]).toEqual([[401], [200]]);
    });
  });
}

test('the focus is never lost: it goes back, to the next row, or to the heading, and F8 leads to Undo', async ({
  page,
}) => {
  await signedUp(page, server, 'focus@example.com');
  for (const name of ['Lower', 'Middle', 'Upper']) await makeKey(page, server, { name });
  await page.goto(`${server.url}/keys`);
  const dialog = page.getByRole('dialog');
  const menuOf = (name: string) => page.getByRole('row', { name: new RegExp(name) }).getByRole('button');
  const choose = async (name: string, item: string) => {
    await menuOf(name).press('ArrowDown');
    await page.getByRole('menuitem', { name: item }).press('Enter');
  };
  const remove = async (name: string) => {
    await choose(name, 'Delete');
    await expect(dialog.getByRole('textbox')).toBeFocused();
    await page.keyboard.type(name);
    await page.keyboard.press('Enter');
    await expect(dialog).toBeHidden();
  };

  await choose('Middle', 'Disable');
  await expect(page.getByRole('row', { name: /Middle/ })).toContainText('Disabled');
  await expect(page.getByRole('button', { name: 'Undo' })).toBeVisible();
  await page.keyboard.press('F8');
  await expect(page.getByRole('button', { name: 'Undo' })).toBeFocused();
  await page.keyboard.press('Escape');
  await expect(menuOf('Middle')).toBeFocused();
  await page.keyboard.press('F8');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('row', { name: /Middle/ })).toContainText('Active');
  await expect(menuOf('Middle')).toBeFocused();

  await choose('Middle', 'Revoke');
  await expect(dialog.getByRole('button', { name: 'Cancel' })).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(menuOf('Middle')).toBeFocused();
  for (const [name, next] of [
    ['Middle', 'Lower'],
    ['Lower', 'Upper'],
  ] as const) {
    await remove(name);
    await expect(page.getByRole('link', { name: next })).toBeFocused();
  }
  await remove('Upper');
  await expect(page.getByRole('heading', { name: 'API keys' })).toBeFocused();
});

test('refused today is every call that was refused, and on pointing at it for what', async ({ page }) => {
  await signedUp(page, server, 'refused@example.com');
  const limited = await makeKey(page, server, { name: 'Limited', limits: { minute: 2 } });
  const stopped = await makeKey(page, server, { name: 'Stopped' });
  await command(page, server, `mutation { done: disableKey(id: "${stopped.id}") { __typename } }`);
  await page.goto(`${server.url}/keys`);
  await calls(server, limited.secret, 5);
  await calls(server, stopped.secret, 4);
  const refused = (name: string) =>
    page
      .getByRole('row', { name: new RegExp(name) })
      .getByRole('cell')
      .nth(3);
  await expect(refused('Limited')).toHaveText('3');
  await expect(refused('Stopped')).toHaveText('4');
  await expect(refused('Limited').getByTitle('Rate limit reached: 3')).toBeVisible();
  await expect(refused('Stopped').getByTitle('Key disabled: 4')).toBeVisible();
  await expect(page.getByRole('row', { name: /Stopped/ }).getByRole('img')).toHaveAccessibleName(/4 refused/);
  await page.reload();
  await expect(page.getByRole('row', { name: /Limited/ })).toContainText('< 1 min ago');
});

test('the keys are arranged by a column, and the address keeps it', async ({ page }) => {
  await signedUp(page, server, 'order@example.com');
  await makeKey(page, server, { name: 'beta', expiresAt: '2031-01-01T00:00:00Z' });
  await makeKey(page, server, { name: 'Gamma' });
  await makeKey(page, server, { name: 'Alpha', expiresAt: '2030-01-01T00:00:00Z' });
  await page.goto(`${server.url}/keys`);
  const names = page.getByRole('rowheader').getByRole('link');
  const column = (name: string) => page.getByRole('columnheader', { name });
  await expect(names).toHaveText(['Alpha', 'Gamma', 'beta']);
  await expect(column('Created')).toHaveAttribute('aria-sort', 'descending');
  await column('Key').getByRole('button').focus();
  await page.keyboard.press('Enter');
  await expect(names).toHaveText(['Alpha', 'beta', 'Gamma']);
  await expect(page).toHaveURL(`${server.url}/keys?sort=name`);
  await expect(column('Key')).toHaveAttribute('aria-sort', 'ascending');
  await expect(column('Key').getByRole('button')).toBeFocused();
  await expect(column('Created')).not.toHaveAttribute('aria-sort');
  // A new one gets its place, whoever made it.
  await makeKey(page, server, { name: 'ally' });
  await expect(names).toHaveText(['ally', 'Alpha', 'beta', 'Gamma']);
  await column('Key').getByRole('button').click();
  await expect(names).toHaveText(['Gamma', 'beta', 'Alpha', 'ally']);
  await column('Expires').getByRole('button').click();
  await expect(names.first()).toHaveText('Alpha');
  await expectAccessible(page, 'in an order');
  await page.reload();
  await expect(names.nth(1)).toHaveText('beta');
  await page.getByRole('button', { name: 'Active' }).click();
  await expect(page).toHaveURL(`${server.url}/keys?status=active&sort=expires`);

  // Where there are no columns it is chosen, and a key is a row of a few lines.
  await page.setViewportSize({ width: 390, height: 860 });
  await expect(column('Key').getByRole('button')).toBeHidden();
  await page.getByLabel('Order').selectOption('Name, A to Z');
  await expect(names).toHaveText(['ally', 'Alpha', 'beta', 'Gamma']);
  await expect(page).toHaveURL(`${server.url}/keys?status=active&sort=name`);
  await expectAccessible(page, 'in an order, on a telephone');
  const heights = await page.locator('tbody tr').evaluateAll((rows) => rows.map((row) => row.clientHeight));
  expect(Math.max(...heights)).toBeLessThanOrEqual(120);
});

test('no width between a telephone and a desk makes the page wider than its window', async ({ page }) => {
  await signedUp(page, server, 'wide@example.com');
  await makeKey(page, server, { name: 'A name as long as the ones that people make up in meetings', scopes: ['a:b'] });
  for (const path of ['/keys', '/', '/activity']) {
    await page.goto(server.url + path);
    await expect(page.getByText('A name as long').first()).toBeVisible();
    for (const width of [360, 390, 721, 800, 900, 960, 1024, 1180]) {
      await page.setViewportSize({ width, height: 860 });
      await expectNoOverflow(page, `${path} at ${width}`);
    }
  }
});
