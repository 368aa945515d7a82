/**
 * Format: numbers and instants as text. Instants are epoch ms, shown in the person's own time unless the name says UTC.
 *
 * One language for now, and the same one as `messages/`: a translation replaces both.
 */

const language = 'en-GB';

const count = new Intl.NumberFormat(language);
const clock = new Intl.DateTimeFormat(language, { hour: '2-digit', minute: '2-digit' });
const clockSeconds = new Intl.DateTimeFormat(language, { hour: '2-digit', minute: '2-digit', second: '2-digit' });
const utcClock = new Intl.DateTimeFormat(language, { hour: '2-digit', minute: '2-digit', timeZone: 'UTC' });
const day = new Intl.DateTimeFormat(language, { day: 'numeric', month: 'short' });
const utcDay = new Intl.DateTimeFormat(language, { day: 'numeric', month: 'short', timeZone: 'UTC' });
const utcMonth = new Intl.DateTimeFormat(language, { month: 'long', timeZone: 'UTC' });
const date = new Intl.DateTimeFormat(language, { day: 'numeric', month: 'short', year: 'numeric' });
const dateClock = new Intl.DateTimeFormat(language, { dateStyle: 'medium', timeStyle: 'medium' });
const weekdayYear = new Intl.DateTimeFormat(language, {
  weekday: 'short',
  day: 'numeric',
  month: 'short',
  year: 'numeric',
});
const weekday = new Intl.DateTimeFormat(language, { weekday: 'short', day: 'numeric', month: 'short' });

/** `12,481` */
export const formatCount = (value: number): string => count.format(value);
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
export const formatWeekdayClock = (at: number): string => `${weekday.format(at).replace(',', '')}, ${clock.format(at)}`;

/** `Thu 26 Nov, 14:00`; `Fri 26 Nov 2027, 14:00` in another year than now */
export function formatExpiry(at: number, now: number): string {
  const isThisYear = new Date(at).getFullYear() === new Date(now).getFullYear();
  return isThisYear ? formatWeekdayClock(at) : `${weekdayYear.format(at).replace(',', '')}, ${clock.format(at)}`;
}
/** `26 Nov`; `26 Nov 2027` in another year than now */
export function formatDayOf(at: number, now: number): string {
  return new Date(at).getFullYear() === new Date(now).getFullYear() ? day.format(at) : date.format(at);
}

/** Whether the person's clock shows the same as UTC at that instant. */
export const isUtcHere = (at: number): boolean => new Date(at).getTimezoneOffset() === 0;

/** `now`, `14 s ago`, `2 min ago`, `3 h ago`, `41 d ago` */
export function formatAgo(at: number, now: number): string {
  const seconds = Math.floor((now - at) / 1000);
  if (seconds < 5) return 'now';
  if (seconds < 60) return `${seconds} s ago`;
  if (seconds < 3_600) return `${Math.floor(seconds / 60)} min ago`;
  if (seconds < 86_400) return `${Math.floor(seconds / 3_600)} h ago`;
  return `${Math.floor(seconds / 86_400)} d ago`;
}

/** `18 s`, `4 min`, `7 h`, `3 d`: how long something still lasts, rounded up, never less than `0 s` */
export function formatLeft(ms: number): string {
  const seconds = Math.max(0, Math.ceil(ms / 1000));
  if (seconds < 120) return `${seconds} s`;
  if (seconds < 7_200) return `${Math.ceil(seconds / 60)} min`;
  if (seconds < 172_800) return `${Math.ceil(seconds / 3_600)} h`;
  return `${Math.ceil(seconds / 86_400)} d`;
}
