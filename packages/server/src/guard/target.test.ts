import { describe, expect, it } from 'vitest';
import { readTarget } from './target.ts';

describe('a request target', () => {
  it.each([
    ['/api/v1/things', '/api/v1/things'],
    ['/api/v1/things/', '/api/v1/things'],
    ['/', '/'],
    ['/api/v1/things?next=/../x//y%2F', '/api/v1/things'],
    ['/api/v1/things#part', '/api/v1/things', '/api/v1/things'],
    ['http://gatekey.example/api/v1/things?x', '/api/v1/things', '/api/v1/things?x'],
    ['HTTPS://gatekey.example:4000/api', '/api', '/api'],
    ['/api/v1/caf%C3%A9/a%20b', '/api/v1/café/a b'],
    ['/api/v1/%61dmin', '/api/v1/admin'],
    ['/api/v1/%252e%252e/x', '/api/v1/%2e%2e/x'],
    ['/api/v1/...', '/api/v1/...'],
    ['/api/v1/.well-known/a..b/..c/d.', '/api/v1/.well-known/a..b/..c/d.'],
    ['/api/v1/a;b=c,d', '/api/v1/a;b=c,d'],
  ])('%s is %s', (url, path, raw = url) => {
    expect(readTarget(url)).toEqual({ raw, path });
  });

  it.each([
    '/api/v1/../admin',
    '/api/v1/./x',
    '/api/v1/x/..',
    '/api/v1/x/.',
    '/api/v1/..',
    '/api/v1/%2e%2e/admin',
    '/api/v1/.%2E/admin',
    '/api/v1/%2e',
    '/api/v1//x',
    '//api/v1/x',
    '/api/v1/x//',
    '/api/v1/x%2fy',
    '/api/v1/x%2Fy',
    '/api/v1/x%5cy',
    '/api/v1/x\\..\\y',
    '/api/v1/x%00',
    '/api/v1/%zz',
    '/api/v1/%c0%af',
    'http://gatekey.example',
    'api/v1/x',
    '*',
    '',
  ])('%j could be read in two ways, or not at all', (url) => {
    expect(readTarget(url)).toBeUndefined();
  });
});
