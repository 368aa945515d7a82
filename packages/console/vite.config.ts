import adapter from '@sveltejs/adapter-static';
import { sveltekit } from '@sveltejs/kit/vite';
import { defineConfig } from 'vitest/config';

/**
 * The console is a static single page application: `build/index.html` answers every path that is not a file.
 * Its policy stands in that page: the scripts are named by hash, so nothing inline that is not ours can run.
 */
export default defineConfig({
  plugins: [
    sveltekit({
      adapter: adapter({ pages: 'build', assets: 'build', fallback: 'index.html', precompress: true }),
      csp: {
        mode: 'hash',
        directives: {
          'default-src': ['self'],
          'script-src': ['self'],
          'style-src': ['self'],
          // The one inline style there is: SvelteKit's own, on the element that reads page titles aloud.
          'style-src-attr': ['unsafe-hashes', 'sha256-S8qMpvofolR8Mpjy4kQvEm7m1q8clzU4dfDH0AmvZjo='],
          'img-src': ['self', 'data:'],
          'font-src': ['self'],
          'connect-src': ['self'],
          'object-src': ['none'],
          'base-uri': ['none'],
          'form-action': ['self'],
        },
      },
      version: { pollInterval: 0 },
    }),
  ],
  // In development the real server stands behind the same origin, as it does in production.
  server: {
    proxy: {
      '/graphql': { target: 'http://127.0.0.1:4000', ws: true },
      '/api': { target: 'http://127.0.0.1:4000' },
      '/upstream-openapi.json': { target: 'http://127.0.0.1:4000' },
    },
  },
  test: { include: ['src/**/*.test.ts'] },
});
