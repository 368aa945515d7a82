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
      await page.goto(`${server.url}/activity`);
      await expect(rows).toHaveCount(3);
      await expectAccessible(page, 'activity');
    });
  });
}
