import { expect, test } from '@playwright/test';
import { expectAccessibleInBothLooks, settings, watchForFaults } from './looks.ts';
import { calls, command, makeKey, signedUp } from './person.ts';
import { type Server, startServer } from './server.ts';

let server: Server;
test.beforeAll(async () => {
  server = await startServer({ withRedis: false });
});
test.afterAll(() => server.stop());

const [{ width, colorScheme }] = settings;
test.describe(`requests, ${colorScheme}, ${width} px`, () => {
  test.use({ colorScheme, viewport: { width, height: 860 } });

  test('appear as they end, can be sifted and held, and say why they were refused', async ({ page }) => {
    const faults = watchForFaults(page, new URL(server.url).host);
    await signedUp(page, server, `watch-${width}@example.com`);
    await page.goto(`${server.url}/requests`);
    await expect(page.getByText('No request yet.')).toBeVisible();
    await expectAccessibleInBothLooks(page, 'no request');
    const open = await makeKey(page, server, { name: 'Shop', limits: { minute: 1_000 } });
    const tight = await makeKey(page, server, { name: 'Tight', limits: { day: 1 } });
    const closed = await makeKey(page, server, { name: 'Closed', ipAllowlist: ['198.51.100.0/24'] });
    const rows = page.getByRole('table', { name: 'Requests, newest first' }).locator('tbody tr');
    const call = (secret: string, path: string) =>
      fetch(server.url + path, { headers: { authorization: `Bearer ${secret}` } });

    await test.step('a call is there within a second, without the values of its query', async () => {
      const before = Date.now();
      await call(open.secret, '/api/v1/ping?token=hidden');
      await expect(rows).toHaveCount(1);
      expect(Date.now() - before).toBeLessThan(1_500);
      await expect(rows.first()).toContainText('GET /api/v1/ping?token=…');
      await expect(rows.first()).toContainText('Shop');
      await expect(rows.first()).toContainText('127.0.0.1');
      await expect(page.getByText('hidden')).toHaveCount(0);
    });

    await test.step('a paused page changes nothing, and catches up', async () => {
      await page.getByRole('button', { name: 'Pause' }).click();
      expect(await calls(server, tight.secret, 2)).toEqual(expect.arrayContaining([200, 429]));
      await expect
        .poll(async () =>
          JSON.stringify(await command(page, server, '{ done: workspace { requests { edges { node { status } } } } }')),
        )
        .toContain('429');
      // What comes later on the same line has come, so these would have.
      await expect(page.getByLabel('Connection')).toContainText('Paused');
      await expect(rows).toHaveCount(1);
      await expect(page.getByRole('button', { name: /new request/ })).toHaveCount(0);
      await page.getByRole('button', { name: 'Resume' }).click();
      await expect(rows).toHaveCount(3);
    });

    await test.step('rows stay under the reader, and new ones wait behind a pill', async () => {
      await rows.first().getByRole('link', { name: 'Tight' }).focus();
      expect((await call(closed.secret, '/api/v1/ping')).status).toBe(403);
      const pill = page.getByRole('button', { name: '1 new request' });
      await expect(pill).toBeVisible();
      await expect(rows).toHaveCount(3);
      await pill.click();
      await expect(rows).toHaveCount(4);
      await expect(rows.first()).toContainText('403 Address not allowed');
      await expect(pill).toBeHidden();
    });

    await test.step('a filter lives in the address, and what comes next is held to it', async () => {
      await page.getByRole('button', { name: '4xx' }).click();
      await expect(rows).toHaveCount(2);
      await expect(page).toHaveURL(/\?status=4xx$/);
      await call(open.secret, '/api/v1/ping');
      await call(open.secret, '/api/v1/keys');
      await expect(rows).toHaveCount(3);
      await page.getByLabel('Key', { exact: true }).selectOption('Tight');
      await expect(rows).toHaveCount(1);
      await page.getByLabel('Path begins with').fill('/elsewhere');
      await expect(page.getByText('No request of the last thousand fits the filter.')).toBeVisible();
      await page.getByRole('button', { name: 'Clear filter' }).first().click();
      await expect(rows).toHaveCount(6);
      await expect(page).toHaveURL(/\/requests$/);
    });

    const dialog = page.getByRole('dialog');
    await test.step('a spent limit is explained by its number and its reset', async () => {
      await page.getByRole('link', { name: /^Why 429/ }).click();
      await expect(dialog).toContainText('Why was this refused?');
      await expect(dialog).toContainText('All 1 calls a day of this key were used up.');
      await expect(dialog).toContainText(/Calls pass again from .+ on\. To have more, raise the limit of the key\./);
      await expect(dialog.getByRole('link', { name: 'Edit limits' })).toHaveAttribute(
        'href',
        `/keys/${tight.id}?tab=security`,
      );
      await expect(page).toHaveURL(/\?id=req_\w+$/);
      await expectAccessibleInBothLooks(page, 'why 429');
      await page.keyboard.press('Escape');
      await expect(dialog).toBeHidden();
      await expect(page.getByRole('link', { name: /^Why 429/ })).toBeFocused();
    });

    await test.step('an address is explained by its id alone, with the mend', async () => {
      const id = (await call(closed.secret, '/api/v1/ping')).headers.get('request-id') ?? '';
      await page.getByLabel('Find a request by its id').fill(id);
      await page.getByRole('button', { name: 'Explain' }).click();
      await expect(dialog).toContainText('It came from 127.0.0.1, which the allowlist of the key does not have.');
      await expect(dialog).toContainText('Add 127.0.0.1 to that allowlist, or call from an address that is on it.');
      await expectAccessibleInBothLooks(page, 'why 403');
      await page.goto(`${server.url}/requests?id=req_00000000000000000000000000`);
      await expect(dialog).toContainText('Request not found');
      await expect(dialog.getByRole('link', { name: 'What key_invalid means' })).toBeVisible();
      await dialog.getByRole('button', { name: 'Close' }).click();
      await expectAccessibleInBothLooks(page, 'requests');
    });

    await test.step('the overview has the last refusals, as they happen', async () => {
      await page.getByRole('link', { name: 'Overview' }).click();
      const refusals = page.getByRole('table', { name: 'Last refusals' }).locator('tbody tr');
      await expect(refusals).toHaveCount(4);
      await call(tight.secret, '/api/v1/limits?x=1');
      await call(tight.secret, '/api/v1/ping?last=1');
      await expect(refusals.first()).toContainText('GET /api/v1/ping?last=…');
      await expect(refusals).toHaveCount(5);
      await expectAccessibleInBothLooks(page, 'overview with refusals');
      await refusals
        .first()
        .getByRole('link', { name: /^Why 429/ })
        .click();
      await expect(page).toHaveURL(/\/requests\?refused=1&id=req_/);
      await expect(dialog).toContainText('Quota exceeded');
    });
    expect(faults).toEqual([]);
  });
});
