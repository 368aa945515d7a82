import { expect, type Page, test } from '@playwright/test';
import { expectAccessible, watchForFaults } from './looks.ts';
import { dayShows, expectTruth, listen, meters, pill, shownUsed, stream, toldUsed } from './meters.ts';
import { calls, command, makeKey, signedUp } from './person.ts';
import { type Server, startServer } from './server.ts';
import { startSilentProxy } from './silent-proxy.ts';

/** How long a slow page is watched; 600 by hand. */
const soakSeconds = Number(process.env.SOAK_SECONDS ?? 10);

let server: Server;
/** Plans that anybody may choose: one that no test spends, and one of 100 calls a day. */
let plans: { readonly calm: string; readonly hundred: string };
test.beforeAll(async ({ browser }) => {
  server = await startServer({ withRedis: false });
  const page = await browser.newPage();
  await signedUp(page, server, 'olga@example.com', 'Olga');
  const makePlan = async (name: string, limits: object): Promise<string> => {
    const query =
      'mutation ($input: CreatePlanInput!) { done: createPlan(input: $input) { ... on PlanPayload { plan { id } } } }';
    return (await command(page, server, query, { input: { name, limits, selfServe: true } })).plan.id;
  };
  plans = {
    calm: await makePlan('Calm', { minute: 1_000_000, day: 1_000_000, month: 1_000_000 }),
    hundred: await makePlan('Hundred', { day: 100 }),
  };
  await page.close();
});
test.afterAll(() => server.stop());

interface Given {
  readonly plan?: 'calm' | 'hundred';
  /** Of the key. */
  readonly limits?: object;
}
/** Another person, with a key, who looks at the overview; what their page does wrong, and the sockets it opens. */
async function watching(page: Page, name: string, { plan = 'calm', limits = {} }: Given = {}) {
  await signedUp(page, server, `${name}@example.com`);
  await command(page, server, `mutation { done: changePlan(input: { planId: "${plans[plan]}" }) { __typename } }`);
  const key = await makeKey(page, server, { name: 'Checkout', limits });
  return { ...key, ...(await look(page)) };
}

async function look(page: Page) {
  const faults = watchForFaults(page, new URL(server.url).host);
  const sockets: { isClosed(): boolean }[] = [];
  page.on('websocket', (socket) => sockets.push(socket));
  await page.goto(server.url);
  await expect(pill(page)).toHaveText('Live');
  return { faults, sockets };
}

test('every call is on the meters within a second, and after a burst they are what the server counts', async ({
  page,
}) => {
  const { id, secret, faults } = await watching(page, 'burst', { limits: { day: 150 } });
  const tookMs: number[] = [];
  for (let used = 1; used <= 30; used += 1) {
    const before = performance.now();
    await calls(server, secret);
    await dayShows(page, used);
    tookMs.push(Math.round(performance.now() - before));
  }
  tookMs.sort((a, b) => a - b);
  console.log(`request to meter: median ${tookMs[14]} ms, p95 ${tookMs[28]} ms, most ${tookMs[29]} ms`);
  expect(tookMs[28]).toBeLessThanOrEqual(1_000);

  const statuses = await calls(server, secret, 200);
  expect(statuses.filter((status) => status === 200)).toHaveLength(120);
  await dayShows(page, 150);
  await expectTruth(page, server, secret);
  await expect(meters(page)).toContainText('80 refused');
  await page.goto(`${server.url}/keys/${id}`);
  await dayShows(page, 150);
  expect(await toldUsed(server, secret, ['day', 'month', 'key-day'])).toEqual([150, 150, 150]);
  await expect(meters(page)).toContainText('80 refused');
  expect(faults).toEqual([]);
});

test('a meter changes its level at 80, 90 and 100 %, and each is said aloud once', async ({ page }) => {
  const { secret, faults } = await watching(page, 'levels', { plan: 'hundred' });
  const heard = await listen(page);
  const callUpTo = async (used: number) => {
    const [before = 0] = await toldUsed(server, secret, ['day']);
    await calls(server, secret, used - before);
    await dayShows(page, used);
  };
  const steps = [
    { used: 79, says: '21 left' },
    { used: 80, says: '80%, 20 left', aloud: 'Today: 80% of the limit is used.' },
    { used: 85, says: '85%, 15 left' },
    { used: 90, says: '90%, 10 left', aloud: 'Today: 90% of the limit is used.' },
    { used: 95, says: '95%, 5 left' },
    {
      used: 100,
      says: 'Capped until 00:00 UTC',
      aloud: 'Today: the limit is reached. Further requests are refused.',
    },
  ];
  const told: string[] = [];
  for (const { used, says, aloud } of steps) {
    await callUpTo(used);
    await expect(meters(page)).toContainText(says);
    if (aloud !== undefined) told.push(aloud);
    await expect.poll(() => heard).toEqual(told);
  }
  expect(await calls(server, secret, 3)).toEqual([429, 429, 429]);
  await expect(meters(page)).toContainText('3 refused');
  expect(heard).toEqual(told);
  expect(faults).toEqual([]);
});

test('a line that falls silent without closing is noticed, and a new one taken', async ({ browser }) => {
  const proxy = await startSilentProxy(server.url);
  const page = await browser.newPage({ proxy: { server: proxy.url } });
  const { secret, faults, sockets } = await watching(page, 'silent');
  await calls(server, secret, 5);
  await dayShows(page, 5);
  proxy.silence();
  const silentAt = Date.now();
  await calls(server, secret, 5);
  await expect(pill(page)).toHaveText('Reconnecting');
  expect((await shownUsed(page)).slice(1)).toEqual([5, 5]);
  await expect(pill(page)).toHaveText('Live', { timeout: 10_000 });
  console.log(`Live again ${Date.now() - silentAt} ms after the line fell silent`);
  await expectTruth(page, server, secret);
  await dayShows(page, 10);
  expect(sockets).toHaveLength(2);
  expect(faults).toEqual([]);
  await page.close();
  await proxy.stop();
});

test('a page that is not seen for 30 s closes its socket, and is Live at once when it is seen again', async ({
  page,
}) => {
  await page.clock.install();
  const { secret, faults, sockets } = await watching(page, 'hidden');
  const setHidden = (isHidden: boolean) =>
    page.evaluate((value) => {
      Object.defineProperty(document, 'hidden', { value, configurable: true });
      document.dispatchEvent(new Event('visibilitychange'));
    }, isHidden);
  await setHidden(true);
  await page.clock.fastForward(30_000);
  await expect.poll(() => sockets.every((socket) => socket.isClosed())).toBe(true);
  const opened = sockets.length;
  await calls(server, secret, 7);
  // Nor does it try to come back, as it does within 3 s when a line breaks.
  for (let second = 0; second < 10; second += 1) await page.clock.runFor(1_000);
  expect(sockets).toHaveLength(opened);
  expect((await shownUsed(page))[1]).toBe(0);

  await setHidden(false);
  const seenAt = Date.now();
  await expect(pill(page)).toHaveText('Live', { timeout: 1_000 });
  await dayShows(page, 7);
  console.log(`Live and right ${Date.now() - seenAt} ms after the page is seen again`);
  await expectTruth(page, server, secret);
  expect(sockets).toHaveLength(opened + 1);
  expect(faults).toEqual([]);
});

test('a wrong clock in the browser changes no countdown', async ({ page, browser }) => {
  const { secret } = await watching(page, 'clock');
  const storageState = await page.context().storageState();
  await calls(server, secret, 4);
  const check = async (hours: number) => {
    const wrong = await browser.newPage({ storageState });
    await wrong.clock.install({ time: Date.now() + hours * 3_600_000 });
    const { faults } = await look(wrong);
    await dayShows(wrong, 4);
    const countdown = meters(wrong).getByText(/^resets in \d+ s$/);
    const offBy = async () => {
      const left = Number(/\d+/.exec((await countdown.textContent()) ?? '')?.[0]);
      return Math.abs(left - (60 - ((Date.now() / 1_000) % 60)));
    };
    await expect.poll(offBy).toBeLessThan(2);
    await expect(countdown).not.toHaveText((await countdown.textContent()) ?? '');
    expect(await offBy()).toBeLessThan(2);
    expect(faults).toEqual([]);
    await wrong.close();
  };
  await Promise.all([check(-3), check(3)]);
});

test('a slow page ends with the newest truth and does not grow', async ({ page }) => {
  test.setTimeout((soakSeconds + 60) * 1_000);
  const { secret, faults } = await watching(page, 'slow');
  const devtools = await page.context().newCDPSession(page);
  await devtools.send('Emulation.setCPUThrottlingRate', { rate: 6 });
  const size = async () => {
    await devtools.send('HeapProfiler.collectGarbage');
    const { usedSize } = await devtools.send('Runtime.getHeapUsage');
    const { nodes, jsEventListeners } = await devtools.send('Memory.getDOMCounters');
    return { kilobytes: Math.round(usedSize / 1_024), nodes, jsEventListeners };
  };
  const warm = await stream(server, secret, 3);
  // The script that Playwright reads a page with stays in it: it is there before the page is weighed.
  await expectTruth(page, server, secret);
  const before = await size();
  const startedAt = Date.now();
  const made = await stream(server, secret, soakSeconds);
  const endedAt = Date.now();
  await dayShows(page, warm + made);
  const shownMs = Date.now() - endedAt;
  await expectTruth(page, server, secret);
  const after = await size();
  const rate = Math.round((made * 1_000) / (endedAt - startedAt));
  console.log(`${made} calls at ${rate}/s, the last of them shown after ${shownMs} ms`, before, after);
  expect(shownMs).toBeLessThan(5_000);
  expect(after.kilobytes - before.kilobytes).toBeLessThan(1_024);
  expect(after.nodes - before.nodes).toBeLessThan(200);
  expect(after.jsEventListeners - before.jsEventListeners).toBeLessThan(50);
  expect(faults).toEqual([]);
});

test('while the server is away the numbers stay and say so, and soon after it is back they are live', async ({
  page,
}) => {
  const { secret, faults } = await watching(page, 'away');
  await calls(server, secret, 20);
  await dayShows(page, 20);
  await server.kill();
  await expect(pill(page)).toHaveText('Reconnecting');
  expect((await shownUsed(page)).slice(1)).toEqual([20, 20]);
  // By then the wait between two tries is as long as it ever is: a longer outage is no other.
  await expect(pill(page)).toHaveText(/^Stale, as of \d+:\d\d:\d\d/, { timeout: 12_000 });
  expect((await shownUsed(page)).slice(1)).toEqual([20, 20]);
  await expect(meters(page).getByText(/^as of /)).toHaveCount(3);
  await expectAccessible(page, 'stale overview');

  await server.startAgain();
  const backAt = Date.now();
  await calls(server, secret, 5);
  await expect(pill(page)).toHaveText('Live', { timeout: 5_000 });
  console.log(`Live again ${Date.now() - backAt} ms after the server is back`);
  await expectTruth(page, server, secret);
  await expect(meters(page).getByText(/^as of /)).toHaveCount(0);
  // A crash may forget its last second, and counts nothing twice.
  const [used = 0] = await toldUsed(server, secret, ['day']);
  expect(used).toBeGreaterThanOrEqual(5);
  expect(used).toBeLessThanOrEqual(25);
  // The browser itself says of each try that nobody answers, or only one that is starting.
  const isOfBrowser = (fault: string) => /^(WebSocket connection to .* failed|Failed to load resource)/.test(fault);
  expect(faults.filter((fault) => !isOfBrowser(fault))).toEqual([]);
});
