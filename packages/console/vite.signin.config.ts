import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { brotliCompress, gzip } from 'node:zlib';
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig, type Plugin } from 'vite';
import { policy } from './policy.config.ts';

const [zipped, brotlied] = [promisify(gzip), promisify(brotliCompress)];

/** The policy in the head. Every script and style of this document is a file, so it names no hash. */
const withPolicy: Plugin = {
  name: 'policy',
  transformIndexHtml() {
    const quoted = (source: string): string => (source.endsWith(':') ? source : `'${source}'`);
    const content = Object.entries(policy).map(([name, sources]) => `${name} ${sources.map(quoted).join(' ')}`);
    const attrs = { 'http-equiv': 'content-security-policy', content: content.join('; ') };
    return [{ tag: 'meta', attrs, injectTo: 'head-prepend' }];
  },
};

/** A smaller copy beside each file that gets smaller, as SvelteKit writes them beside the app's. */
const withCompressed: Plugin = {
  name: 'compressed',
  async writeBundle({ dir = '' }, bundle) {
    const texts = Object.keys(bundle).filter((name) => /\.(css|html|js)$/.test(name));
    for (const path of texts.map((name) => join(dir, name))) {
      const content = await readFile(path);
      await Promise.all([
        writeFile(`${path}.gz`, await zipped(content)),
        writeFile(`${path}.br`, await brotlied(content)),
      ]);
    }
  },
};

/**
 * The sign-in document: `build/sign-in.html` answers `/login` and `/signup`. It is built beside the app, after it, and lies
 * in the same place; a font that both have has the same name in both.
 */
export default defineConfig({
  plugins: [svelte({ configFile: false }), withPolicy, withCompressed],
  publicDir: false,
  build: {
    outDir: 'build',
    emptyOutDir: false,
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rolldownOptions: {
      input: 'sign-in.html',
      output: {
        entryFileNames: '_app/immutable/entry/[name].[hash].js',
        chunkFileNames: '_app/immutable/chunks/[hash].js',
        assetFileNames: '_app/immutable/assets/[name].[hash][extname]',
      },
    },
  },
});
