/**
 * Format: numbers and instants as text, in the person's language. Instants are epoch ms, shown in the person's own time
 * unless the name says UTC.
 *
 * A page has one language from its first script on, so each formatter is made once.
 */
import { getLocale, type Locale } from '#locale';
import { m } from '#messages';

/** English as in Britain: the day before the month, 24 hours. */
const languages: Readonly<Record<Locale, string>> = { en: 'en-GB', de: 'de-DE' };
const language = languages[getLocale()];

const instants = (options: Intl.DateTimeFormatOptions) => new Intl.DateTimeFormat(language, options);
const clockParts = { hour: '2-digit', minute: '2-digit' } as const;
const dayParts = { day: 'numeric', month: 'short' } as const;
const utc = { timeZone: 'UTC' } as const;

const count = new Intl.NumberFormat(language);
const clock = instants(clockParts);
const clockSeconds = instants({ ...clockParts, second: '2-digit' });
const utcClock = instants({ ...clockParts, ...utc });
const day = instants(dayParts);
const utcDay = instants({ ...dayParts, ...utc });
const utcMonth = instants({ month: 'long', ...utc });
const date = instants({ ...dayParts, year: 'numeric' });
const dateClock = instants({ dateStyle: 'medium', timeStyle: 'medium' });
const weekdayClock = instants({ weekday: 'short', ...dayParts, ...clockParts });
const weekdayYearClock = instants({ weekday: 'short', ...dayParts, year: 'numeric', ...clockParts });

/** `12,481` */
export const formatCount = (value: number): string => count.format(value);
/** What stands between thousands: `,` */
export const thousandsSign = count.formatToParts(1000).find(({ type }) => type === 'group')?.value ?? '';
/** `14:31` */
export const formatClock = (at: number): string => clock.format(at);
/** `14:31:07` */
export const formatClockSeconds = (at: number): string => clockSeconds.format(at);
/** `00:00`, on the UTC clock */
export const formatUtcClock = (at: number): string => utcClock.format(at);
/** `1 Dec` */
export const formatDay = (at: number): string => day.format(at);
/** `1 Dec`, on the UTC calendar */
export const formatUtcDay = (at: number): string => utcDay.format(at);
/** `November`, on the UTC calendar */
export const formatUtcMonth = (at: number): string => utcMonth.format(at);
/** `23 Nov 2026` */
export const formatDate = (at: number): string => date.format(at);
/** `23 Nov 2026, 14:31:07` */
export const formatDateClock = (at: number): string => dateClock.format(at);
/** `Thu 26 Nov, 14:00` */
export const formatWeekdayClock = (at: number): string => weekdayClock.format(at);

/** `Thu 26 Nov, 14:00`; `Fri, 26 Nov 2027, 14:00` in another year than now */
export function formatExpiry(at: number, now: number): string {
  return isSameYear(at, now) ? weekdayClock.format(at) : weekdayYearClock.format(at);
}
/** `26 Nov`; `26 Nov 2027` in another year than now */
export function formatDayOf(at: number, now: number): string {
  return isSameYear(at, now) ? day.format(at) : date.format(at);
}

function isSameYear(at: number, now: number): boolean {
  return new Date(at).getFullYear() === new Date(now).getFullYear();
}

/** Whether the person's clock shows the same as UTC at that instant. */
export const isUtcHere = (at: number): boolean => new Date(at).getTimezoneOffset() === 0;

/** `now`, `14 s ago`, `2 min ago`, `3 h ago`, `41 d ago` */
export function formatAgo(at: number, now: number): string {
  const seconds = Math.floor((now - at) / 1000);
  if (seconds < 5) return m.common_ago_now();
  if (seconds < 60) return m.common_ago_seconds({ count: seconds });
  if (seconds < 3_600) return m.common_ago_minutes({ count: Math.floor(seconds / 60) });
  if (seconds < 86_400) return m.common_ago_hours({ count: Math.floor(seconds / 3_600) });
  return m.common_ago_days({ count: Math.floor(seconds / 86_400) });
}

/** `< 1 min ago`, `2 min ago`, … of an instant that is noted once a minute */
export function formatNotedAgo(at: number, now: number): string {
  return now - at < 60_000 ? m.common_ago_last_minute() : formatAgo(at, now);
}

/**
 * `18 s`, `4 min`, `7 h`, `3 d`: how long something still lasts, rounded up, never less than `0 s`. It stands after “in”:
 * some languages inflect it there.
 */
export function formatLeft(ms: number): string {
  const seconds = Math.max(0, Math.ceil(ms / 1000));
  if (seconds < 120) return m.common_left_seconds({ count: seconds });
  if (seconds < 7_200) return m.common_left_minutes({ count: Math.ceil(seconds / 60) });
  if (seconds < 172_800) return m.common_left_hours({ count: Math.ceil(seconds / 3_600) });
  return m.common_left_days({ count: Math.ceil(seconds / 86_400) });
}
