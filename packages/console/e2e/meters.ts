/** What the meters of a page say and what is said aloud of them, what the server says, and a steady stream of calls that moves both. */
import { setInterval } from 'node:timers/promises';
import { expect, type Locator, type Page } from '@playwright/test';
import { calls } from './person.ts';
import type { Server } from './server.ts';

/** The pill that says how sure the page is of its numbers. */
export const pill = (page: Page): Locator => page.getByLabel('Connection');

/** The meters of the page. */
export const meters = (page: Page): Locator => page.getByRole('region', { name: 'Usage and limits' });

/** Settles in the frame in which today's number is this one, without a poll that would add to it. */
export function dayShows(page: Page, used: number): Promise<void> {
  const day = meters(page).locator('strong').nth(1);
  return day.filter({ hasText: new RegExp(`^${used.toLocaleString('en')}$`) }).waitFor();
}

/** What is used of minute, day and month, as the meters show it. */
export async function shownUsed(page: Page): Promise<number[]> {
  const texts = await meters(page).locator('strong').allTextContents();
  return texts.map((text) => Number(text.replaceAll(',', '')));
}

/** What is used of these limits, as `GET /api/v1/limits` tells it. That costs the key nothing. */
export async function toldUsed({ url }: Server, secret: string, policies = ['minute', 'day', 'month']) {
  const answer = await fetch(`${url}/api/v1/limits`, { headers: { authorization: `Bearer ${secret}` } });
  const { data }: { data: { policy: string; used: number }[] } = await answer.json();
  return policies.map((policy) => data.find((one) => one.policy === policy)?.used);
}

/** Soon the meters show exactly what the server tells. */
export async function expectTruth(page: Page, server: Server, secret: string): Promise<void> {
  await expect(async () => {
    expect(await shownUsed(page)).toEqual(await toldUsed(server, secret));
  }).toPass({ timeout: 2_000, intervals: [50] });
}

/** What a screen reader is told from now on: each change of a region that speaks, but for the pill. */
export async function listen(page: Page): Promise<readonly string[]> {
  const heard: string[] = [];
  await page.exposeFunction('hear', (text: string) => heard.push(text));
  await page.evaluate(() => {
    const regionOf = ({ target }: MutationRecord) =>
      (target instanceof Element ? target : target.parentElement)?.closest('[role=status]:not([aria-label])');
    const tell = (records: MutationRecord[]) => {
      for (const region of new Set(records.map(regionOf))) {
        if (region?.textContent) Reflect.get(window, 'hear')(region.textContent);
      }
    };
    const everything = { subtree: true, childList: true, characterData: true };
    new MutationObserver(tell).observe(document.body, everything);
  });
  return heard;
}

const beatMs = 50;
const callsABeat = 10;

/** Makes 200 calls a second, for so long. @returns how many, when all are answered */
export async function stream(server: Server, secret: string, seconds: number): Promise<number> {
  let beats = (seconds * 1_000) / beatMs;
  const sent: Promise<number[]>[] = [];
  for await (const _ of setInterval(beatMs)) {
    sent.push(calls(server, secret, callsABeat));
    beats -= 1;
    if (beats <= 0) break;
  }
  return (await Promise.all(sent)).flat().length;
}
