import { expect, type Page, test } from '@playwright/test';
import { expectAccessibleInBothLooks, settings, watchForFaults } from './looks.ts';
import { calls, makeKey, signedUp } from './person.ts';
import { allowsLoopback, type Receiver, signatureBy, startReceiver } from './receiver.ts';
import { type Server, startServer } from './server.ts';

let server: Server;
let receiver: Receiver;
test.beforeAll(async () => {
  server = await startServer({ withRedis: false, env: allowsLoopback });
});
test.afterAll(() => server.stop());
test.beforeEach(async () => {
  receiver = await startReceiver();
});
test.afterEach(() => receiver.stop());

/** The secret that a dialog shows, which keeps it until it is stored. */
async function takeSecret(page: Page, place: string): Promise<string> {
  const dialog = page.getByRole('dialog');
  const stored = dialog.getByLabel('I have stored this secret');
  await expect(stored).toBeVisible();
  await expectAccessibleInBothLooks(page, place);
  const [, secret = ''] = /WEBHOOK_SECRET=(whsec_\S+)/.exec((await dialog.locator('pre').textContent()) ?? '') ?? [];
  expect(await dialog.locator('.secret code').textContent()).toBe(secret);
  await page.keyboard.press('Escape');
  await page.mouse.click(2, 2);
  await page.goBack();
  await expect(dialog.getByRole('button', { name: 'Done' })).toBeDisabled();
  await stored.check();
  await dialog.getByRole('button', { name: 'Done' }).click();
  await expect(dialog).toBeHidden();
  const kept = await page.evaluate(() => JSON.stringify([{ ...localStorage }, { ...sessionStorage }, location.href]));
  expect(kept + (await page.content())).not.toContain(secret);
  return secret;
}

const [{ width, colorScheme }] = settings;
test.describe(`security, ${colorScheme}, ${width} px`, () => {
  test.use({ colorScheme, viewport: { width, height: 860 } });

  test('the allowlist of the workspace holds within a second, and warns of whom it locks out', async ({ page }) => {
    const faults = watchForFaults(page, new URL(server.url).host);
    await signedUp(page, server, `allowlist-${width}@example.com`);
    const { secret } = await makeKey(page, server, { name: 'Checkout' });
    expect(await calls(server, secret)).toEqual([200]);
    await page.goto(`${server.url}/keys`);
    await expect(page.getByRole('row', { name: /Checkout/ })).toContainText('127.0.0.1');

    await page.goto(`${server.url}/security`);
    await expect(page.getByText('Any address.')).toBeVisible();
    await expectAccessibleInBothLooks(page, 'security, empty');
    const edit = page.getByRole('link', { name: 'Edit addresses' });
    await edit.click();
    await expect(page).toHaveURL(`${server.url}/security?addresses`);
    const dialog = page.getByRole('dialog');
    const list = dialog.getByLabel('Allowed addresses');
    await expect(list).toBeFocused();
    await list.fill('10.0.0.0/8\n10.0.0\n\nhere');
    await dialog.getByRole('button', { name: 'Save anyway' }).click();
    await expect(dialog.getByText('Line 2, “10.0.0”, is not an IP address or range.')).toBeVisible();
    await expect(dialog.getByText('Line 4, “here”, is not an IP address or range.')).toBeVisible();
    await expect(dialog.getByRole('alert')).toContainText('Your own address, 127.0.0.1');
    await expect(dialog.getByRole('alert')).toContainText(/Checkout, last used .* from 127\.0\.0\.1/);
    await expectAccessibleInBothLooks(page, 'allowlist dialog, with errors and a warning');
    await list.fill('10.0.0.0/8');
    await dialog.getByRole('button', { name: 'Save anyway' }).click();
    await expect(dialog).toBeHidden();
    await expect.poll(() => calls(server, secret), { timeout: 1_000, intervals: [100] }).toEqual([403]);
    await expect(edit).toBeFocused();

    await edit.click();
    await dialog.getByRole('button', { name: 'Add my current address, 127.0.0.1' }).click();
    await expect(list).toHaveValue('10.0.0.0/8\n127.0.0.1');
    await expect(dialog.getByRole('alert')).toBeHidden();
    await dialog.getByRole('button', { name: 'Save', exact: true }).click();
    await expect(dialog).toBeHidden();
    await expect.poll(() => calls(server, secret), { timeout: 1_000, intervals: [100] }).toEqual([200]);
    await page.reload();
    await expect(page.getByRole('list', { name: 'Allowed addresses' })).toHaveText(/10\.0\.0\.0\/8\s*127\.0\.0\.1/);
    expect(faults).toEqual([]);
  });

  test('a webhook is made, tested, fails, is sent again, rotated, given up, recovered and deleted', async ({
    page,
  }) => {
    test.setTimeout(120_000);
    const faults = watchForFaults(page, new URL(server.url).host);
    await signedUp(page, server, `webhooks-${width}@example.com`);
    await page.goto(`${server.url}/security`);
    await page.getByRole('link', { name: 'Add endpoint' }).click();
    await expect(page).toHaveURL(`${server.url}/security?new`);
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('URL').fill('127.0.0.1');
    await dialog.getByLabel('Chosen ones').check();
    await dialog.getByRole('button', { name: 'Add endpoint' }).click();
    await expect(dialog.getByText('A whole http or https URL.')).toBeVisible();
    await expect(dialog.getByText('Choose at least one, or all.')).toBeVisible();
    await expectAccessibleInBothLooks(page, 'create dialog, with errors');
    await dialog.getByLabel('URL').fill(receiver.url);
    await dialog.getByLabel('Description').fill('Billing');
    await dialog.getByLabel('key.created').check();
    await dialog.getByRole('button', { name: 'Add endpoint' }).click();
    const secret = await takeSecret(page, 'the secret of a new endpoint');
    await expect(page).toHaveURL(/\/security\/webhooks\/whe_\w+$/);
    const { href } = new URL(page.url());

    // A test, as it happens, signed with that very secret.
    const sent = page.getByRole('status').filter({ hasText: 'Queued' });
    await page.getByRole('button', { name: 'Send test' }).click();
    await expect(sent).toContainText(/Queued.*Sent.*200 in \d+ ms/s);
    const [first] = receiver.received;
    if (first === undefined) throw new Error('nothing came');
    expect(first.headers['webhook-signature']).toBe(signatureBy(secret, first));
    await page.getByRole('link', { name: 'Details' }).click();
    await expect(page).toHaveURL(`${href}?delivery=${first.headers['webhook-id']}`);
    const parts = dialog.locator('pre');
    await expect(parts.nth(0)).toHaveText(JSON.stringify(JSON.parse(first.body), null, 2), { useInnerText: true });
    for (const name of ['content-type', 'user-agent', 'webhook-id', 'webhook-timestamp'])
      await expect(parts.nth(1)).toContainText(`${name}: ${first.headers[name]}`);
    await expect(parts.nth(2)).toHaveText('thanks');
    await expectAccessibleInBothLooks(page, 'a delivery in full');
    await page.reload();
    await expect(parts.nth(0)).toContainText('"type": "webhook.test"');
    await page.keyboard.press('Escape');

    // An answer that is no good shows as it comes, and never as markup; sent again it arrives.
    receiver.answer = { status: 503, body: '<h1 id="evil">Down</h1>' };
    await makeKey(page, server, { name: 'Checkout' });
    const row = page.getByRole('row', { name: /key\.created/ });
    await expect(row).toContainText(/503 in \d+ ms/);
    await expect(page.getByText(/Failing for/)).toBeVisible();
    await row.getByRole('link', { name: 'key.created' }).click();
    await expect(parts.nth(2)).toHaveText('<h1 id="evil">Down</h1>');
    await expect(page.locator('#evil')).toHaveCount(0);
    receiver.answer = { status: 204, body: '' };
    await dialog.getByRole('button', { name: 'Resend' }).click();
    await expect(dialog.getByText('Delivered')).toBeVisible();
    await expect(dialog.getByText(/Attempt 2/)).toBeVisible();
    await page.keyboard.press('Escape');
    await expect(row).toContainText(/Delivered.*204 in \d+ ms/s);
    const ids = receiver.received.map(({ headers }) => headers['webhook-id']);
    expect(new Set(ids.slice(1)).size).toBe(1);

    // Where no answer comes, it says why.
    const menu = page.getByRole('button', { name: 'Actions for Billing' });
    await menu.click();
    await page.getByRole('menuitem', { name: 'Edit' }).click();
    await expect(dialog.getByLabel('key.created')).toBeChecked();
    await dialog.getByLabel('URL').fill(receiver.url.replace('http:', 'https:'));
    await dialog.getByRole('button', { name: 'Save' }).click();
    await expect(menu).toBeFocused();
    await page.getByRole('button', { name: 'Send test' }).click();
    await expect(sent).toContainText('TLS: the certificate or the handshake is not in order');
    await expectAccessibleInBothLooks(page, 'an endpoint with deliveries');

    await page.getByRole('button', { name: 'Failed', exact: true }).click();
    await expect(page).toHaveURL(`${href}?status=failed`);
    const rows = page.getByRole('table', { name: 'Deliveries, newest first' }).locator('tbody tr');
    await expect(rows).toHaveCount(1);
    await page.getByLabel('Type').selectOption('key.created');
    await expect(page.getByText('No delivery of this kind')).toBeVisible();
    await page.reload();
    await expect(page.getByRole('button', { name: 'Failed', exact: true })).toHaveAttribute('aria-pressed', 'true');
    await expect(page.getByLabel('Type')).toHaveValue('key.created');
    await page.getByRole('button', { name: 'Clear filter' }).click();
    await expect(rows).toHaveCount(3);

    // Both secrets sign after a rotation.
    await menu.click();
    await page.getByRole('menuitem', { name: 'Edit' }).click();
    await dialog.getByLabel('URL').fill(receiver.url);
    await dialog.getByRole('button', { name: 'Save' }).click();
    await expect(dialog).toBeHidden();
    await menu.click();
    await page.getByRole('menuitem', { name: 'Rotate secret' }).click();
    await expect(dialog).toContainText('For 24 hours each message carries the signatures of both');
    await expectAccessibleInBothLooks(page, 'rotate dialog');
    await dialog.getByRole('button', { name: 'Rotate secret' }).click();
    await expect(dialog).toContainText('The old secret signs beside it until');
    const newSecret = await takeSecret(page, 'the secret of a rotated endpoint');
    await expect(page.getByText('two secrets, the old one until')).toBeVisible();
    await page.getByRole('button', { name: 'Send test' }).click();
    await expect(sent).toContainText(/204 in \d+ ms/);
    const last = receiver.received.at(-1);
    if (last === undefined) throw new Error('nothing came');
    const signatures = [signatureBy(newSecret, last), signatureBy(secret, last)];
    expect(last.headers['webhook-signature']).toBe(signatures.join(' '));

    // One that answers 410 is given up, until it is enabled and sent again what it missed.
    receiver.answer = { status: 410, body: '' };
    await makeKey(page, server, { name: 'Export' });
    await expect(page.getByText('answered 410, so it was disabled')).toBeVisible();
    await expect(page.getByRole('button', { name: 'Send test' })).toBeDisabled();
    await page.goto(`${server.url}/security`);
    await expect(page.getByRole('row', { name: /Billing/ })).toContainText(/Disabled: gone.*1 type.*410 in/s);
    await page.getByText('Verify messages').click();
    await expect(page.locator('pre')).toContainText('timingSafeEqual');
    await expectAccessibleInBothLooks(page, 'security, with an endpoint that was given up');
    await page.getByRole('link', { name: 'Recover failed' }).click();
    await expect(dialog).toContainText('it is enabled first');
    await expectAccessibleInBothLooks(page, 'recover dialog');
    receiver.answer = { status: 200, body: '' };
    await dialog.getByRole('button', { name: 'Enable and send again' }).click();
    await expect(page.getByText('1 delivery is on its way again.')).toBeVisible();
    await expect(row.first()).toContainText(/Delivered.*200 in/s);
    await expect(page.getByText('answered 410')).toBeHidden();

    await menu.click();
    await page.getByRole('menuitem', { name: 'Delete' }).click();
    await dialog.getByRole('button', { name: 'Delete' }).click();
    await expect(page.getByText('No endpoint yet')).toBeVisible();
    await page.goto(href);
    await expect(page.getByRole('heading', { name: 'No such endpoint' })).toBeVisible();
    expect(faults).toEqual([]);
  });
});
