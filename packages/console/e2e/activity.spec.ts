import { readFile } from 'node:fs/promises';
import { expect, test } from '@playwright/test';
import { expectAccessible } from './looks.ts';
import { type Server, startServer } from './server.ts';

let server: Server;
test.beforeAll(async () => {
  server = await startServer({ withRedis: false });
});
test.afterAll(() => server.stop());

for (const [width, colorScheme] of [
  [1280, 'light'],
  [390, 'dark'],
] as const) {
  test.describe(`the log, ${colorScheme}, ${width} px`, () => {
    test.use({ colorScheme, viewport: { width, height: 860 } });

    test('tells who changed what, and keeps what is new behind a pill until it is asked for', async ({ page }) => {
      const headers = { origin: server.url };
      const person = { name: 'Ada Lovelace', email: `ada-${width}@example.com`, password: 'correct horse battery' };
      await page.request.post(`${server.url}/api/auth/sign-up/email`, { headers, data: person });
      const command = async (query: string) => {
        const answer = await page.request.post(`${server.url}/graphql`, { headers, data: { query } });
        return (await answer.json()).data.done;
      };
      const { key } = await command(
        'mutation { done: createKey(input: { name: "Billing" }) { ... on CreateKeyPayload { key { id } } } }',
      );
      await command(
        `mutation { done: updateKey(input: { id: "${key.id}", limits: { minute: 20 }, ipAllowlist: ["10.0.0.0/8"] }) { __typename } }`,
      );

      await page.goto(`${server.url}/activity`);
      const rows = page.getByRole('table', { name: 'Changes, newest first' }).locator('tbody tr');
      await expect(rows).toHaveCount(2);
      await expect(rows.first()).toContainText('Key changed');
      await expect(rows.first()).toContainText('Billing');
      await expect(rows.first()).toContainText('allowed addresses none → 10.0.0.0/8');
      await expect(rows.first()).toContainText('Ada Lovelace');

      await command(`mutation { done: disableKey(id: "${key.id}") { __typename } }`);
      const pill = page.getByRole('button', { name: '1 new change' });
      await expect(pill).toBeVisible();
      await expect(rows).toHaveCount(2);
      await pill.click();
      await expect(rows.first()).toContainText('Key disabled');
      await expect(pill).toBeHidden();

      await page.getByLabel('About').selectOption('People');
      await expect(page.getByText('No change of this kind.')).toBeVisible();
      await expect(page).toHaveURL(/\/activity\?about=members$/);
      await page.getByRole('button', { name: 'Clear filter' }).click();
      await expect(rows).toHaveCount(3);

      const download = page.waitForEvent('download');
      await page.getByRole('button', { name: 'Export as CSV' }).click();
      const file = await readFile(await (await download).path(), 'utf8');
      expect(file.trimEnd().split('\r\n')).toHaveLength(4);
      expect(file).toMatch(/,key\.disabled,user,[^,]+,Ada Lovelace,127\.0\.0\.1,Billing,/);
      await expect(page.getByText('3 changes exported.')).toBeVisible();

      const today = new Date().toLocaleDateString('sv');
      await page.getByLabel('By', { exact: true }).selectOption('Ada Lovelace');
      await page.getByLabel('From').fill(today);
      await expect(page).toHaveURL(new RegExp(`\\?by=[^&]+&from=${today}$`));
      await expect(rows).toHaveCount(3);
      await page.getByLabel('To', { exact: true }).fill('2020-01-01');
      await expect(page.getByText('No change of this kind.')).toBeVisible();
      await page.getByRole('button', { name: 'Clear filter' }).click();
      await expect(page).toHaveURL(/\/activity$/);
      await expect(rows).toHaveCount(3);
      // A row is short, so that a page of them is read at a glance.
      expect((await rows.first().boundingBox())?.height).toBeLessThanOrEqual(100);
      await expectAccessible(page, 'activity');
    });
  });
}
