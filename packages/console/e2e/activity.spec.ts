import { readFile } from 'node:fs/promises';
import { expect, type Page, test } from '@playwright/test';
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
      await expect(page.getByText('No change fits this filter.')).toBeVisible();
      await expect(page).toHaveURL(/\/activity\?about=members$/);
      await page.goto(`${server.url}/activity`);
      await expect(rows).toHaveCount(3);
      await expectAccessible(page, 'activity');

      const scopes = ['keys:read', 'keys:write', 'usage:read', 'webhooks:read', 'webhooks:write', 'audit:read'];
      const { secret } = await command(
        `mutation { done: createKey(input: { name: "=Robot", scopes: ${JSON.stringify(scopes)}, ipAllowlist: ["127.0.0.0/8", "::1"], limits: { day: 1000000 } }) { ... on CreateKeyPayload { secret } } }`,
      );
      await page.request.post(`${server.url}/api/v1/keys`, {
        headers: { authorization: `Bearer ${secret}` },
        data: { name: 'Made by a robot' },
      });
      await page.goto(`${server.url}/activity`);
      await expect(rows).toHaveCount(5);
      const long = rows.filter({ has: page.getByRole('cell', { name: '=Robot', exact: true }) }).last();
      await expect(long.getByText('limits day 1,000,000', { exact: true })).toBeHidden();
      if (width === 390) {
        const heights = await rows.evaluateAll((all) => all.map((row) => row.getBoundingClientRect().height));
        expect(Math.max(...heights)).toBeLessThanOrEqual(100);
      }
      await long.locator('summary').focus();
      await page.keyboard.press('Enter');
      await expect(long.getByText('limits day 1,000,000', { exact: true })).toBeVisible();
      await expectAccessible(page, 'activity with a difference open');

      await page.getByLabel('By', { exact: true }).selectOption('=Robot');
      await page.getByLabel('Time').selectOption('Last 24 hours');
      await expect(page).toHaveURL(/\/activity\?by=key_\w+&since=day$/);
      await expect(rows).toHaveCount(1);
      await expect(rows.first()).toContainText('Made by a robot');
      const table = (await exported(page, 'Export CSV')).trimEnd().split('\r\n');
      expect([table.length, table[1]?.includes(",'=Robot,127.0.0.1,")]).toEqual([2, true]);
      await page.getByLabel('By', { exact: true }).selectOption('People');
      await expect(rows).toHaveCount(4);
      const lines = (await exported(page, 'Export JSON Lines')).trimEnd().split('\n');
      expect(lines.map((line) => JSON.parse(line).actor.kind)).toEqual(['user', 'user', 'user', 'user']);
      await page.getByRole('button', { name: 'Clear filter' }).click();
      await expect(page).toHaveURL(/\/activity$/);
      await expect(rows).toHaveCount(5);
    });
  });
}

/** The text of the file that a button gives. */
async function exported(page: Page, name: string): Promise<string> {
  const [file] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name }).click()]);
  return readFile(await file.path(), 'utf8');
}
