import { defineConfig, devices } from '@playwright/test';

/** The machine's own Chromium: the test command sees to it that there is one. As root it cannot have its sandbox. */
const chromium = {
  executablePath: process.env.CHROMIUM_PATH ?? '/usr/bin/chromium',
  args: process.getuid?.() === 0 ? ['--no-sandbox'] : [],
};

export default defineConfig({
  testDir: 'e2e',
  outputDir: 'test-results',
  // Each file has a server of its own, and waits more than it works.
  workers: 3,
  forbidOnly: true,
  retries: 0,
  timeout: 90_000,
  reporter: 'list',
  // A trace costs a tenth of the time; `playwright test --trace retain-on-failure` makes one.
  use: { ...devices['Desktop Chrome'], launchOptions: chromium },
});
