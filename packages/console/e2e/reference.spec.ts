import { expect, test } from '@playwright/test';
import { startServer } from './server.ts';

test('the reference shows the operations and tries them, and asks no other host', async ({ page }) => {
  const server = await startServer({ withRedis: false });
  const faults: string[] = [];
  page.on('pageerror', (error) => faults.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error') faults.push(message.text());
  });
  page.on('request', (request) => {
    const { origin, protocol } = new URL(request.url());
    if (protocol.startsWith('http') && origin !== server.url) faults.push(`asked ${request.url()}`);
  });
  await page.goto(`${server.url}/reference`);
  const list = page.getByRole('complementary');
  for (const group of ['keys', 'usage']) await list.getByRole('button', { name: `Open Group - ${group}` }).click();
  for (const name of ['Create a key', 'Rotate a key', 'Read past usage', 'Pass the guard']) {
    await list.getByRole('link', { name }).click();
    await expect(page.getByRole('heading', { name })).toBeInViewport();
  }
  expect(faults).toEqual([]);

  await page.getByRole('button', { name: 'Test Request (get /api/v1/ping)' }).click();
  const answered = page.waitForResponse('**/api/v1/ping');
  await page.getByRole('button', { name: /^Send get request/ }).click();
  const answer = await answered;
  expect(new URL(answer.url()).origin).toBe(server.url);
  expect(answer.status()).toBe(401);
  // The browser tells of the status, as it should; of nothing else.
  expect(faults.filter((text) => !text.includes('401'))).toEqual([]);
  await server.stop();
});
