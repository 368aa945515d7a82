/** What holds for every page: accessible as it stands, nothing beyond its edge, no fault, no foreign host. */
import AxeBuilder from '@axe-core/playwright';
import { expect, type Page } from '@playwright/test';

const rules = ['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa', 'best-practice'];

/** The two widths and the two themes, each of them at least once. */
export const settings = [
  { colorScheme: 'light', width: 1280 },
  { colorScheme: 'dark', width: 390 },
] as const;

/** No rule of accessibility is broken on the page as it stands, and nothing is wider than the window. */
export async function expectAccessible(page: Page, place: string): Promise<void> {
  // Colours are judged at rest, not half-way through a transition.
  await page.evaluate(() => Promise.allSettled(document.getAnimations().map((animation) => animation.finished)));
  const { violations } = await new AxeBuilder({ page }).withTags(rules).analyze();
  expect(
    violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`),
    place,
  ).toEqual([]);
  await expectNoOverflow(page, place);
}

/** The same in both looks, the way through the page being gone in the first of them alone. */
export async function expectAccessibleInBothLooks(page: Page, place: string): Promise<void> {
  for (const { colorScheme, width } of settings.toReversed()) {
    await page.emulateMedia({ colorScheme });
    await page.setViewportSize({ width, height: 860 });
    await expectAccessible(page, `${place}, ${colorScheme}, ${width} px`);
  }
}

export async function expectNoOverflow(page: Page, place: string): Promise<void> {
  expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth), place).toBeLessThanOrEqual(0);
}

/** What a page may never do: fail in its script, complain, or ask a foreign host. */
export function watchForFaults(page: Page, ownHost: string): string[] {
  const faults: string[] = [];
  page.on('pageerror', (error) => faults.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') faults.push(message.text());
  });
  page.on('request', (request) => {
    const { host, protocol } = new URL(request.url());
    if (protocol.startsWith('http') && host !== ownHost) faults.push(`asked ${request.url()}`);
  });
  return faults;
}
