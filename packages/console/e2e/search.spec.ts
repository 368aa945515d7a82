import { expect, test } from '@playwright/test';
import { command, signedUp } from './person.ts';
import { type Server, startServer } from './server.ts';

let server: Server;
test.beforeAll(async () => {
  server = await startServer({ withRedis: false });
});
test.afterAll(() => server.stop());

test('a secret that is searched for finds its key and gets into no address', async ({ page }) => {
  await signedUp(page, server);
  const { secret } = await command(
    page,
    server,
    'mutation { done: createKey(input: { name: "Billing" }) { ... on CreateKeyPayload { secret } } }',
  );
  const told: string[] = [];
  page.on('request', (request) => told.push(request.url(), request.postData() ?? ''));
  page.on('framenavigated', (frame) => told.push(frame.url()));

  await page.goto(`${server.url}/keys`);
  const search = page.getByRole('searchbox', { name: 'Search' });
  await search.fill(`Bearer ${secret}`);
  await expect(page.getByText('only its hint is searched for')).toBeVisible();
  await expect(search).toHaveValue(`${secret.slice(0, 7)}…${secret.slice(-4)}`);
  await expect(page.getByRole('row', { name: /Billing/ })).toBeVisible();
  await search.fill(secret.slice(0, 20));
  await expect(search).toHaveValue(secret.slice(0, 7));
  await expect(page).toHaveURL(`${server.url}/keys?search=${secret.slice(0, 7)}`);
  expect(told.join('\n')).not.toContain(secret.slice(0, 8));

  // A link that somebody else made has it in the address already: it does not stay there.
  await page.goto(`${server.url}/keys?search=${secret}`);
  await expect(page).toHaveURL((url) => url.searchParams.get('search') === `${secret.slice(0, 7)}…${secret.slice(-4)}`);
  await expect(page.getByRole('row', { name: /Billing/ })).toBeVisible();
});
