/**
 * Pictures: the console as it looks on a demo, for the README.
 *
 *   a demo on data of its own -> Chromium, signed in -> until the page lives and the minute is full -> docs/images/*.png
 *
 * Made anew whenever the console looks otherwise: `npm run pictures`.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as wait } from 'node:timers/promises';
import { Failed, root, step } from './run.mjs';

const themes = /** @type {const} */ (['light', 'dark']);
/** @type {{ name: string, height: number, open: (page: any) => Promise<void> }[]} */
const shots = [
  { name: 'overview', height: 800, open: openOverview },
  { name: 'key', height: 760, open: openKey },
];
const width = 1280;
/** Seconds of the minute at which its meter has much to show. */
const [earliest, latest] = [42, 54];

/**
 * Takes them.
 *
 * @param {import('./tools.mjs').Tools} tools
 * @param {string | undefined} executablePath  of Chromium
 * @returns {Promise<number>} the exit code
 */
export async function takePictures(tools, executablePath) {
  const dataDir = await mkdtemp(join(tmpdir(), 'gatekey-pictures-'));
  const demo = spawn(tools.node, [join(root, 'packages/server/src/main.ts'), 'demo'], {
    env: {
      ...process.env,
      ...tools.env,
      PORT: '0',
      DATA_DIR: dataDir,
      DATABASE_URL: '',
      REDIS_URL: '',
      LOG_LEVEL: 'warn',
    },
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
  });
  try {
    const signIn = await wordsOf(demo);
    // The console brings Playwright with it; nothing here does.
    const { chromium } = createRequire(join(root, 'packages/console/package.json'))('@playwright/test');
    const args = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
    const browser = await chromium.launch({ executablePath, args });
    await step('Pictures', async () => {
      await Promise.all(themes.map((theme) => pictures(browser, theme, signIn)));
      return { code: 0, output: '' };
    });
    await browser.close();
    return 0;
  } finally {
    const gone = once(demo, 'exit');
    if (demo.exitCode === null && demo.kill('SIGTERM')) await gone;
    await rm(dataDir, { recursive: true, force: true });
  }
}

/** @typedef {{ url: string, email: string, password: string }} SignIn */

/**
 * What the demo says when it is ready.
 *
 * @param {import('node:child_process').ChildProcess} demo
 * @returns {Promise<SignIn>}
 */
async function wordsOf(demo) {
  let words = '';
  for await (const line of createInterface({ input: /** @type {import('node:stream').Readable} */ (demo.stdout) })) {
    words += `${line}\n`;
    const found = /ready on (\S+)\n.*Sign in as (\S+) with the password (\S+)/.exec(words);
    const [, url = '', email = '', password = ''] = found ?? [];
    if (found !== null) return { url, email, password };
  }
  throw new Failed(`The demo ended before it was ready.\n${words}`);
}

/**
 * @param {any} browser  Playwright's
 * @param {'light' | 'dark'} colorScheme
 * @param {SignIn} signIn
 */
async function pictures(browser, colorScheme, { url, email, password }) {
  const options = { colorScheme, viewport: { width, height: 800 }, locale: 'en-GB', timezoneId: 'UTC' };
  const page = await browser.newPage(options);
  await page.goto(url);
  await page.getByLabel('E-mail').fill(email);
  await page.getByLabel('Password').fill(password);
  await page.getByRole('button', { name: 'Sign in' }).click();
  for (const { name, height, open } of shots) {
    await page.setViewportSize({ width, height });
    await open(page);
    await page.getByText('Live', { exact: true }).waitFor();
    await page.waitForLoadState('networkidle');
    await untilMuchIsShown();
    await page.screenshot({ path: join(root, 'docs/images', `${name}-${colorScheme}.png`) });
  }
  await page.close();
}

async function untilMuchIsShown() {
  const isThen = () => new Date().getUTCSeconds() >= earliest && new Date().getUTCSeconds() <= latest;
  while (!isThen()) await wait(200);
}

/** @param {any} page */
async function openOverview(page) {
  await page.getByRole('heading', { name: 'Overview' }).waitFor();
  // A moment for the sparklines to be drawn.
  await wait(2_000);
}

/** @param {any} page */
async function openKey(page) {
  await page.getByRole('link', { name: 'Zapier' }).first().click();
  await page.getByRole('heading', { name: 'Zapier' }).waitFor();
  // A moment for the chart to be drawn.
  await wait(1_000);
}
