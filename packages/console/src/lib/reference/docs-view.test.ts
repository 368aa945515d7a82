import { describe, expect, it } from 'vitest';
import { docsPath, matching, viewFrom } from './docs-view.ts';
import { readDocument } from './document.ts';

const secret = `gk_${'7Qm3'.padEnd(32, 'aB9')}x0Ol`;

describe('the address of the docs', () => {
  it.each([
    ['', { keyId: null, language: 'curl', search: '' }, '/docs'],
    [
      'key=key_1&language=python&search=+rotate+',
      { keyId: 'key_1', language: 'Python', search: 'rotate' },
      '/docs?key=key_1&language=python&search=rotate',
    ],
    ['key=&language=cobol', { keyId: null, language: 'curl', search: '' }, '/docs'],
    [
      `search=${secret}`,
      { keyId: null, language: 'curl', search: 'gk_7Qm3…x0Ol' },
      '/docs?search=gk_7Qm3%E2%80%A6x0Ol',
    ],
  ])('%j is a view and back', (query, view, path) => {
    expect(viewFrom(new URLSearchParams(query))).toEqual(view);
    expect(docsPath(viewFrom(new URLSearchParams(query)))).toBe(path);
  });
});

describe('a search', () => {
  const { operations = [] } =
    readDocument(
      {
        openapi: '3.1.0',
        paths: {
          '/keys': {
            get: { summary: 'List keys', security: [{ bearer: ['keys:read'] }] },
            post: { summary: 'Create a key' },
          },
          '/usage': { get: { description: 'Past use' } },
        },
      },
      'http://a',
    ) ?? {};

  it.each([
    ['', ['GET /keys', 'POST /keys', 'GET /usage']],
    ['KEY', ['GET /keys', 'POST /keys']],
    ['post key', ['POST /keys']],
    ['keys:read', ['GET /keys']],
    ['past', ['GET /usage']],
    ['past keys', []],
  ])('for %j finds %j', (search, ids) => {
    expect(matching(operations, search).map(({ id }) => id)).toEqual(ids);
  });
});
