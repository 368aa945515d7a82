import { defineConfig } from 'vitest/config';

export default defineConfig({
  // Without these, vitest loads a second copy of graphql (its CommonJS one) and every type is foreign.
  ssr: { resolve: { conditions: ['module', 'node', 'module-sync'] } },
  test: {
    include: ['src/**/*.test.ts', 'test/**/*.test.ts'],
    globalSetup: ['test/global-setup.ts'],
    // Each test has servers and databases of its own; loading all of the server anew for each file took a third of the time.
    isolate: false,
    maxWorkers: 3,
    testTimeout: 20_000,
    hookTimeout: 30_000,
  },
});
