import { readFile } from 'node:fs/promises';
import adapter from '@sveltejs/adapter-static';
import { sveltekit } from '@sveltejs/kit/vite';
import type { Plugin } from 'vite';
import { defineConfig } from 'vitest/config';
import { policy } from './policy.config.ts';

/** In development this server has both documents, as the real one does; see `vite.signin.config.ts`. */
const signInDocument: Plugin = {
  name: 'sign-in-document',
  apply: 'serve',
  configureServer({ middlewares, transformIndexHtml }) {
    middlewares.use(async ({ url = '' }, response, next) => {
      if (!/^\/(login|signup)\/?(\?|$)/.test(url)) return next();
      const html = await transformIndexHtml(url, await readFile('sign-in.html', 'utf8'));
      response.setHeader('content-type', 'text/html').end(html);
    });
  },
};

/**
 * The console is a static single page application: `build/index.html` answers every path that is not a file,
 * but for those of signing in and up (`vite.signin.config.ts`).
 * Its policy stands in that page: the scripts are named by hash, so nothing inline that is not ours can run.
 */
export default defineConfig({
  plugins: [
    sveltekit({
      adapter: adapter({ pages: 'build', assets: 'build', fallback: 'index.html', precompress: true }),
      csp: {
        mode: 'hash',
        directives: {
          ...policy,
          // The one inline style there is: SvelteKit's own, on the element that reads page titles aloud.
          'style-src-attr': ['unsafe-hashes', 'sha256-S8qMpvofolR8Mpjy4kQvEm7m1q8clzU4dfDH0AmvZjo='],
        },
      },
      version: { pollInterval: 0 },
    }),
    signInDocument,
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
