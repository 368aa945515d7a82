import { describe, expect, it } from 'vitest';
import { browserName } from './browser-name.ts';

const mozilla = 'Mozilla/5.0';
const webkit = 'AppleWebKit/537.36 (KHTML, like Gecko)';

describe('what a browser says it is', () => {
  it.each([
    [`${mozilla} (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0`, 'Firefox · Linux'],
    [`${mozilla} (Windows NT 10.0; Win64; x64) ${webkit} Chrome/142.0 Safari/537.36 Edg/142.0`, 'Edge · Windows'],
    [`${mozilla} (Macintosh; Intel Mac OS X 10_15_7) ${webkit} Version/26.1 Safari/605.1.15`, 'Safari · macOS'],
    [
      `${mozilla} (iPhone; CPU iPhone OS 26_1 like Mac OS X) ${webkit} CriOS/142.0 Mobile Safari/604.1`,
      'Chrome · iPhone',
    ],
    [`${mozilla} (Linux; Android 16; Pixel 10) ${webkit} Chrome/142.0 Mobile Safari/537.36`, 'Chrome · Android'],
    [`${mozilla} (X11; Linux x86_64) ${webkit} HeadlessChrome/142.0 Safari/537.36`, 'Chrome · Linux'],
    ['curl/8.9.1', 'curl'],
    ['', ''],
    [null, ''],
  ])('%s is %s', (userAgent, name) => {
    expect(browserName(userAgent)).toBe(name);
  });
});
