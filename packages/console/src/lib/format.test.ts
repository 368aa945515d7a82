import { beforeAll, describe, expect, it, vi } from 'vitest';

const at = Date.parse('2026-11-26T14:05:07Z');
const secondMs = 1_000;
const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

/** The module as a page has it that was loaded in a language. */
async function formatIn(locale: 'en' | 'de') {
  vi.resetModules();
  const { overwriteGetLocale } = await import('#locale');
  overwriteGetLocale(() => locale);
  return import('./format.ts');
}

describe('numbers and instants', () => {
  let formats: Record<'en' | 'de', Awaited<ReturnType<typeof formatIn>>>;
  beforeAll(async () => {
    vi.stubEnv('TZ', 'UTC');
    formats = { en: await formatIn('en'), de: await formatIn('de') };
  });

  it.each<[string, (format: (typeof formats)['en']) => string, string, string]>([
    ['a count', ({ formatCount }) => formatCount(12_481), '12,481', '12.481'],
    ['a clock', ({ formatClock }) => formatClock(at), '14:05', '14:05'],
    ['a clock with seconds', ({ formatClockSeconds }) => formatClockSeconds(at), '14:05:07', '14:05:07'],
    ['a day', ({ formatDay }) => formatDay(at), '26 Nov', '26. Nov.'],
    ['a month', ({ formatUtcMonth }) => formatUtcMonth(Date.parse('2026-03-01')), 'March', 'März'],
    ['a date', ({ formatDate }) => formatDate(at), '26 Nov 2026', '26. Nov. 2026'],
    ['an instant', ({ formatDateClock }) => formatDateClock(at), '26 Nov 2026, 14:05:07', '26.11.2026, 14:05:07'],
    ['an instant soon', ({ formatExpiry }) => formatExpiry(at, at), 'Thu 26 Nov, 14:05', 'Do., 26. Nov., 14:05'],
    [
      'an instant in another year',
      ({ formatExpiry }) => formatExpiry(at, at - 400 * dayMs),
      'Thu, 26 Nov 2026, 14:05',
      'Do., 26. Nov. 2026, 14:05',
    ],
    ['just now', ({ formatAgo }) => formatAgo(at, at + 4 * secondMs), 'now', 'gerade eben'],
    ['seconds ago', ({ formatAgo }) => formatAgo(at, at + 14 * secondMs), '14 s ago', 'vor 14 s'],
    ['noted lately', ({ formatNotedAgo }) => formatNotedAgo(at, at + 46 * secondMs), '< 1 min ago', 'vor < 1 min'],
    ['noted before', ({ formatNotedAgo }) => formatNotedAgo(at, at + 61 * secondMs), '1 min ago', 'vor 1 min'],
    ['minutes ago', ({ formatAgo }) => formatAgo(at, at + 150 * secondMs), '2 min ago', 'vor 2 min'],
    ['hours ago', ({ formatAgo }) => formatAgo(at, at + 3 * hourMs), '3 h ago', 'vor 3 h'],
    ['a day ago', ({ formatAgo }) => formatAgo(at, at + dayMs), '1 d ago', 'vor 1 Tag'],
    ['days ago', ({ formatAgo }) => formatAgo(at, at + 41 * dayMs), '41 d ago', 'vor 41 Tagen'],
    ['what is over', ({ formatLeft }) => formatLeft(-secondMs), '0 s', '0 s'],
    ['seconds left', ({ formatLeft }) => formatLeft(17_001), '18 s', '18 s'],
    ['minutes left', ({ formatLeft }) => formatLeft(4 * 60 * secondMs), '4 min', '4 min'],
    ['hours left', ({ formatLeft }) => formatLeft(7 * hourMs), '7 h', '7 h'],
    ['days left', ({ formatLeft }) => formatLeft(3 * dayMs), '3 d', '3 Tagen'],
  ])('write %s in each language', (_what, write, english, german) => {
    // A space that does not break is a matter of lines, not of words.
    const plain = (text: string): string => text.replaceAll('\u00a0', ' ');
    expect([plain(write(formats.en)), plain(write(formats.de))]).toEqual([english, german]);
  });

  it('are English where nothing says otherwise', async () => {
    vi.resetModules();
    const { getLocale } = await import('#locale');
    expect(getLocale()).toBe('en');
  });
});
