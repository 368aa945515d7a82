import { defineConfig } from 'vitest/config';

export default defineConfig({
  // Without these, vitest loads a second copy of graphql (its CommonJS one) and every type is foreign.
  ssr: { resolve: { conditions: ['module', 'node', 'module-sync'] } },
  test: {
    include: ['src/**/*.test.ts', 'test/**/*.test.ts'],
    globalSetup: ['test/global-setup.ts'],
    maxWorkers: 2,
    testTimeout: 20_000,
    hookTimeout: 30_000,
  },
});
