import { describe, expect, it } from 'vitest';
import { groupsOf, readDocument } from './document.ts';

const origin = 'https://keys.example.com';
const read = (paths: object, more: object = {}) => readDocument({ openapi: '3.1.0', paths, ...more }, origin);

describe('an OpenAPI document', () => {
  it('is read into operations with what they need and take', () => {
    const document = read(
      {
        '/orders/{id}': {
          parameters: [
            { $ref: '#/components/parameters/Id' },
            { name: 'page', in: 'query', schema: { type: 'integer' } },
          ],
          get: {
            tags: ['orders'],
            summary: 'Read',
            security: [{ key: ['orders:read'] }, { other: ['orders:read', 'x'] }],
          },
          put: {
            tags: ['orders'],
            deprecated: true,
            parameters: [{ name: 'page', in: 'query', required: true, schema: { enum: ['a', 'b'] } }],
            requestBody: {
              content: { 'application/json; charset=utf-8': { schema: { $ref: '#/components/schemas/Order' } } },
            },
          },
        },
        '/': { post: { requestBody: { content: { 'text/plain': {} } } } },
      },
      {
        info: { title: 'Shop' },
        servers: [{ url: '/v2/' }],
        security: [{ key: ['shop'] }],
        tags: [{ name: 'unused' }, { name: 'orders', description: 'Bought.' }],
        components: {
          parameters: {
            Id: {
              name: 'id',
              in: 'path',
              description: 'Its id.',
              schema: { type: ['string', 'null'], example: 'or/1' },
            },
          },
          schemas: {
            Order: { allOf: [{ properties: { item: { type: 'string' }, at: { format: 'date', type: 'string' } } }] },
          },
        },
      },
    );
    expect(document).toMatchObject({ title: 'Shop', baseUrl: `${origin}/v2`, hasMore: false });
    const id = { name: 'id', place: 'path', isRequired: true, description: 'Its id.', type: 'string', example: 'or/1' };
    const page = { name: 'page', place: 'query', description: '' };
    expect(document?.operations).toMatchObject([
      {
        id: 'GET /orders/{id}',
        scopes: ['orders:read', 'x'],
        parameters: [id, { ...page, isRequired: false, type: 'integer', example: '1' }],
        body: undefined,
      },
      {
        id: 'PUT /orders/{id}',
        scopes: ['shop'],
        isDeprecated: true,
        parameters: [id, { ...page, isRequired: true, type: 'a | b', example: 'a' }],
        body: { item: 'string', at: '2026-12-31' },
      },
      { id: 'POST /', group: '', body: undefined },
    ]);
    const groups = document === null ? [] : groupsOf(document, document.operations);
    expect(groups.map(({ name, description, operations }) => [name, description, operations.length])).toEqual([
      ['orders', 'Bought.', 2],
      ['', '', 1],
    ]);
  });

  it.each([
    [null],
    ['text'],
    [[]],
    [{}],
    [{ openapi: '3.1.0' }],
    [{ openapi: '3.1.0', paths: [] }],
    [{ openapi: 3.1, paths: {} }],
    [{ swagger: '2.0', paths: {} }],
  ])('is none: %j', (json) => {
    expect(readDocument(json, origin)).toBeNull();
  });

  it.each([
    ['a path that is none', { 'javascript:alert(1)': { get: {} } }, 0],
    ['a method that is none', { '/a': { constructor: {}, steal: {} } }, 0],
    ['what is no operation', { '/a': { get: 'x', put: [] }, '/b': 7, '/c': null }, 0],
    [
      'texts that are none',
      { '/a': { get: { summary: { a: 1 }, description: 7, tags: 'x', security: 'y', parameters: {} } } },
      1,
    ],
    [
      'parameters that are none',
      { '/a': { get: { parameters: [null, 7, { name: 'x' }, { in: 'query' }, { name: 'c', in: 'cookie' }] } } },
      1,
    ],
    ['references in a circle', { '/a': { $ref: '#/paths/~1b' }, '/b': { $ref: '#/paths/~1a' } }, 0],
    [
      'references that lead nowhere',
      { '/a': { $ref: 'https://evil.example/x' }, '/b': { $ref: '#/__proto__' }, '/c': { $ref: '#/%E0%A4%A' } },
      0,
    ],
  ])('loses %s', (_what, paths, count) => {
    const operations = read(paths)?.operations;
    expect(operations).toHaveLength(count);
    for (const one of operations ?? [])
      expect(one).toMatchObject({ summary: '', description: '', scopes: [], parameters: [] });
  });

  it.each([
    ['javascript:alert(1)', origin],
    ['http://[', origin],
    ['', origin],
    ['https://api.example.com/v1/', 'https://api.example.com/v1'],
  ])('whose server is %j has its calls go to %s', (url, baseUrl) => {
    expect(read({}, { servers: [{ url }] })?.baseUrl).toBe(baseUrl);
  });
});
