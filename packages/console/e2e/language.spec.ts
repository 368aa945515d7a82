import { readdirSync, readFileSync } from 'node:fs';
import { expect, type Page, test } from '@playwright/test';
import { expectAccessible, expectNoOverflow, settings, watchForFaults } from './looks.ts';
import { calls, makeKey } from './person.ts';
import { startServer } from './server.ts';

const folder = new URL('../messages/', import.meta.url);

/** Every text of a language as a pattern, with what stands in braces left open. */
function patternsOf(locale: string): RegExp[] {
  const files = readdirSync(new URL(`${locale}/`, folder)).map((room) => new URL(`${locale}/${room}`, folder));
  const words = files.flatMap((file) => Object.values<unknown>(JSON.parse(readFileSync(file, 'utf8'))));
  return words
    .flatMap((word) => (typeof word === 'string' ? word : variantsOf(word)))
    .map(
      (text) =>
        new RegExp(
          `^${text
            .split(/\{\w+\}/)
            .map(RegExp.escape)
            .join('.+')}$`,
        ),
    );
}

function variantsOf(word: unknown): string[] {
  return [...JSON.stringify(word).matchAll(/"form=\w+":"([^"]*)"/g)].map(([, text]) => text ?? '');
}

const english = patternsOf('en');
const german = patternsOf('de');
const isIn = (patterns: readonly RegExp[], text: string): boolean => patterns.some((pattern) => pattern.test(text));

/** Seeded, and the operator's to change: no word of ours, though it reads as one. */
const nameOfPlan = 'Free';

/** What the page says that is English: as text, or to a reader of the screen. */
async function leftovers(page: Page): Promise<string[]> {
  const said = await page.evaluate(() => {
    const texts: string[] = [document.title];
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) texts.push(walker.currentNode.textContent ?? '');
    for (const name of ['aria-label', 'aria-valuetext', 'placeholder', 'title', 'data-label', 'alt'])
      for (const element of document.querySelectorAll(`[${name}]`)) texts.push(element.getAttribute(name) ?? '');
    return texts.map((text) => text.trim());
  });
  return said.filter((text) => text !== nameOfPlan && isIn(english, text) && !isIn(german, text));
}

test.describe('in a browser that prefers German', () => {
  test.use({ locale: 'de-DE' });

  test('the console is German on every page, and English once that was chosen', async ({ page }) => {
    const server = await startServer({ withRedis: false });
    const faults = watchForFaults(page, new URL(server.url).host);
    const expectGerman = async (place: string): Promise<void> => {
      for (const { width } of settings) {
        await page.setViewportSize({ width, height: 860 });
        await expectNoOverflow(page, `${place}, ${width} px`);
      }
      expect(await leftovers(page), place).toEqual([]);
    };

    await page.goto(server.url);
    await expect(page.getByRole('heading', { name: 'Gatekey einrichten' })).toBeVisible();
    await expect(page.locator('html')).toHaveAttribute('lang', 'de');
    await page.getByRole('button', { name: 'Konto erstellen' }).click();
    await expect(page.getByText('Name fehlt.')).toBeVisible();
    await expectGerman('sign-up');
    await expectAccessible(page, 'sign-up');
    await page.getByLabel('Name').fill('Ada Lovelace');
    await page.getByLabel('E-Mail').fill('ada@example.com');
    await page.getByLabel('Passwort').fill('correct horse battery');
    await page.getByRole('button', { name: 'Konto erstellen' }).click();

    await expect(page.getByRole('heading', { name: 'Übersicht' })).toBeVisible();
    await expect(page.getByRole('heading', { name: 'Erste Schritte' })).toBeVisible();
    await expectGerman('overview before the first key');
    const { id, secret } = await makeKey(page, server, { name: 'Bezahldienst', limits: { minute: 3 } });
    expect(await calls(server, secret, 4)).toContain(429);
    await expect(page.getByRole('row', { name: /Bezahldienst.*Am Limit/ })).toBeVisible();
    await expectGerman('overview');
    await expectAccessible(page, 'overview');

    await page.goto(`${server.url}/keys`);
    await expect(page.getByText('1 Schlüssel', { exact: true })).toBeVisible();
    await expect(page.getByRole('row', { name: /Bezahldienst.*(vor < 1 min|vor \d+ s|gerade eben)/ })).toBeVisible();
    await expectGerman('keys');
    await expectAccessible(page, 'keys');
    await page.goto(`${server.url}/keys?new`);
    const dialog = page.getByRole('dialog', { name: 'Schlüssel erstellen' });
    for (const part of ['Limits und Adressen', 'Scopes', 'Metadaten'])
      await dialog.getByText(part, { exact: true }).click();
    await dialog.getByLabel('Pro Tag').fill('1,5');
    await dialog.getByRole('button', { name: 'Schlüssel erstellen' }).click();
    await expect(dialog.getByText('Eine ganze Zahl ab 1 oder nichts.')).toBeVisible();
    await expectGerman('create dialog');
    await expectAccessible(page, 'create dialog');
    await dialog.getByLabel('Name').fill('Import');
    await dialog.getByLabel('Pro Tag').fill('2.500');
    await dialog.getByRole('button', { name: 'Schlüssel erstellen' }).click();
    const reveal = page.getByRole('dialog', { name: 'Ihr neuer Schlüssel: Import' });
    await expectGerman('reveal');
    await reveal.getByLabel('Ich habe diesen Schlüssel gesichert').check();
    await reveal.getByRole('button', { name: 'Fertig' }).click();
    await expect(page.getByText('2 Schlüssel', { exact: true })).toBeVisible();

    for (const tab of ['traffic', 'security', 'activity']) {
      await page.goto(`${server.url}/keys/${id}?tab=${tab}`);
      await expect(page.getByRole('tabpanel').locator('table, dl, details').first()).toBeVisible();
      await expectGerman(`key, ${tab}`);
    }
    await page.goto(`${server.url}/activity`);
    await expect(page.getByRole('rowheader', { name: 'Schlüssel erstellt' })).toHaveCount(2);
    await expectGerman('activity');

    for (const path of ['/security', '/settings', '/settings?part=members', '/settings?part=plans']) {
      await page.goto(server.url + path);
      await expect(page.getByRole('main').getByRole('heading', { level: 2 }).first()).toBeVisible();
      await expectGerman(path);
    }
    await page.goto(`${server.url}/settings?part=appearance`);
    await expectGerman('appearance');
    await page.getByRole('button', { name: 'English' }).click();
    for (const _load of ['chosen', 'loaded again']) {
      await expect(page.getByRole('heading', { name: 'Appearance' })).toBeVisible();
      await expect(page.locator('html')).toHaveAttribute('lang', 'en');
      await page.reload();
    }
    expect(faults).toEqual([]);
    await server.stop();
  });
});
