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
test.describe(`the page of a key, ${colorScheme}, ${width} px`, () => {
  test.use({ colorScheme, viewport: { width, height: 860 } });

  test('shows its calls as they come, over time, and as a table', async ({ page }) => {
    const faults = watchForFaults(page, new URL(server.url).host);
    await signedUp(page, server, `key-${width}@example.com`);
    const { id, secret } = await makeKey(page, server, { name: 'Checkout', limits: { minute: 6, day: 100 } });
    await page.goto(`${server.url}/keys/${id}`);
    const [minute, day] = [page.getByRole('meter').nth(0), page.getByRole('meter').nth(1)];
    await expect(day).toHaveAttribute('aria-valuemax', '100');
    await calls(server, secret, 9);
    const legend = page.getByRole('listitem');
    await expect(legend.filter({ hasText: 'Accepted' })).toHaveText('Accepted 6');
    await expect(legend.filter({ hasText: 'Over the minute’s limit' })).toHaveText('Over the minute’s limit 3');
    await expect(legend.filter({ hasText: 'Limit 6 a minute' })).toBeVisible();
    await expect(day).toHaveAttribute('aria-valuenow', '6', { timeout: 10_000 });
    await expect(minute).toBeVisible();
    await expect(page.getByRole('img', { name: 'Last 3 hours: 6 accepted, 3 refused.' })).toBeVisible();
    await page.getByText('As a table').click();
    await expect(page.getByRole('table').getByRole('cell', { name: '3 Over the minute’s limit' })).toBeVisible();
    await expectAccessibleInBothLooks(page, 'traffic');

    await page.getByRole('button', { name: '7 d' }).click();
    await expect(page).toHaveURL(/\?range=7d$/);
    await expect(page.getByRole('img', { name: /^Last 7 days: 6 accepted/ })).toBeVisible();
    await page.reload();
    await expect(page.getByRole('button', { name: '7 d' })).toHaveAttribute('aria-pressed', 'true');

    // Drawing over the chart looks closer, and the address keeps it.
    const chart = page.getByRole('img', { name: /^Last 7 days/ });
    await chart.scrollIntoViewIfNeeded();
    await page.mouse.wheel(0, 300);
    await page.waitForFunction(() => scrollY > 0 || document.documentElement.scrollHeight <= innerHeight);
    const box = await chart.boundingBox();
    if (box === null) throw new Error('no chart');
    await page.mouse.move(box.x + box.width * 0.5, box.y + 60);
    await page.mouse.down();
    await page.mouse.move(box.x + box.width * 0.7, box.y + 60, { steps: 4 });
    await page.mouse.up();
    await expect(page).toHaveURL(/\?from=.*&to=/);
    await page.getByRole('button', { name: 'Back to the whole' }).click();
    await expect(page).toHaveURL(`${server.url}/keys/${id}`);

    // So do buttons, for a keyboard and a finger, and the focus stays on them.
    const move = async (name: string, passed: number) => {
      const { href } = new URL(page.url());
      await page.getByRole('button', { name, exact: true }).press('Enter');
      await expect(page).not.toHaveURL(href);
      await expect(page.getByRole('img', { name: new RegExp(`: ${passed} accepted`) })).toBeVisible();
      await expect(page.getByRole('button', { name, exact: true })).toBeFocused();
    };
    await expect(page.getByRole('img', { name: /^Last 3 hours: 6 accepted/ })).toBeVisible();
    await move('Zoom in', 6);
    await move('Earlier', 0);
    await move('Zoom out', 6);
    await page.getByRole('button', { name: 'Back to the whole' }).press('Enter');
    await expect(page.getByRole('button', { name: '30 min' })).toBeFocused();

    // In a window that just became narrower the old canvas is cut until the chart is measured again.
    const [canvas, reach, room] = await page.locator('.plot').evaluate((plot) => {
      const sheet = plot.parentElement;
      if (sheet === null) return [];
      sheet.style.inlineSize = '200px';
      return [plot.querySelector('canvas')?.clientWidth ?? 0, sheet.scrollWidth, sheet.clientWidth];
    });
    expect(canvas).toBeGreaterThan(200);
    expect(reach).toBe(room);
    expect(faults).toEqual([]);
  });

  test('shows what it may do and what was changed, follows it, and says when it is gone', async ({ page }) => {
    await signedUp(page, server, `tabs-${width}@example.com`);
    const { id } = await makeKey(page, server, {
      name: 'Export',
      scopes: ['usage:read'],
      ipAllowlist: ['10.0.0.0/8'],
    });
    await page.goto(`${server.url}/keys/${id}`);
    await page.getByRole('tab', { name: 'Security' }).click();
    await expect(page).toHaveURL(/\?tab=security$/);
    await expect(page.getByText('10.0.0.0/8')).toBeVisible();
    await expect(page.getByText('Beside those of the plan, Free')).toBeVisible();
    await expectAccessibleInBothLooks(page, 'security');
    await command(
      page,
      server,
      `mutation { done: updateKey(input: { id: "${id}", scopes: ["keys:read"] }) { __typename } }`,
    );
    await expect(page.getByText('keys:read')).toBeVisible();

    await page.getByRole('button', { name: 'Edit…' }).click();
    await expect(page.getByRole('dialog')).toBeVisible();
    await page.keyboard.press('Escape');
    await expect(page.getByRole('button', { name: 'Edit…' })).toBeFocused();

    await page.getByRole('tab', { name: 'Activity' }).click();
    await expect(page.getByRole('table').locator('tbody tr')).toHaveCount(2);
    await expectAccessibleInBothLooks(page, 'activity');
    await command(page, server, `mutation { done: deleteKey(id: "${id}") { __typename } }`);
    await expect(page.getByRole('heading', { name: 'No such key' })).toBeVisible();
    await expectAccessibleInBothLooks(page, 'gone');
  });
});
