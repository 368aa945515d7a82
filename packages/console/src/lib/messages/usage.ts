import {
  formatClock,
  formatCount,
  formatDay,
  formatLeft,
  formatUtcClock,
  formatUtcDay,
  formatUtcMonth,
  formatWeekdayClock,
  isUtcHere,
} from '#lib/format.ts';

/** The words of the meters. */
export const usage = {
  meters: 'Usage and limits',
  minute: 'This minute',
  day: 'Today',
  month: (startsAt: number): string => formatUtcMonth(startsAt),
  of: (limit: number): string => `of ${formatCount(limit)}`,
  noLimit: '· no limit',
  left: (remaining: number): string => `${formatCount(remaining)} left`,
  refused: (refused: number): string => `${formatCount(refused)} refused`,
  near: (percent: number, remaining: number): string => `${percent}%, ${formatCount(remaining)} left`,
  capIn: (percent: number, remaining: number, ms: number): string =>
    `${percent}%, ${formatCount(remaining)} left, cap in ~${roughly(ms)}`,
  resetsIn: (ms: number): string => `resets in ${formatLeft(ms)}`,
  resetsAtClock: (at: number): string => `resets ${formatClock(at)}`,
  resetsOnDay: (at: number): string => `resets ${formatDay(at)}`,
  limited: (ms: number): string => `Limited, clears in ${formatLeft(ms)}`,
  cappedToday: (at: number): string => `Capped until ${formatUtcClock(at)} UTC${here(at, formatClock(at))}`,
  cappedThisMonth: (at: number): string =>
    `Capped until ${formatUtcDay(at)}, ${formatUtcClock(at)} UTC${here(at, formatDay(at) === formatUtcDay(at) ? formatClock(at) : `${formatDay(at)}, ${formatClock(at)}`)}`,
  turned: 'reset; waiting for new counts',
  spoken: (used: number, limit: number | null, rest: string): string =>
    limit === null ? `${formatCount(used)}, no limit` : `${formatCount(used)} of ${formatCount(limit)}, ${rest}`,
  crossed: (title: string, percent: number): string => `${title}: ${percent}% of the limit is used.`,
  exceeded: (title: string): string => `${title}: the limit is reached. Further requests are refused.`,

  warningTitle: (title: string, percent: number): string => `${title} at ${percent}%.`,
  warningLeft: (remaining: number, limit: number): string =>
    `${formatCount(remaining)} of ${formatCount(limit)} requests left`,
  warningForecast: (at: number): string => `; at the current pace the cap is reached ${formatWeekdayClock(at)}.`,
  warningHolds: (resetsAt: number): string =>
    `; at the current pace they last until the reset ${formatWeekdayClock(resetsAt)}.`,
  warningCapped: (at: number): string => `The limit is reached. Requests are refused until ${formatWeekdayClock(at)}.`,
  seeWhat: 'See what is using it',
  incomplete:
    'Servers cannot share their counts at the moment. These are what one server knows by itself; they are put together as soon as the store is back.',
};

function here(at: number, local: string): string {
  return isUtcHere(at) ? '' : ` (${local} your time)`;
}

/** `3 days`, `5 h`, `20 min`: a forecast has no business being more exact. */
function roughly(ms: number): string {
  const hours = ms / 3_600_000;
  if (hours >= 36) return `${Math.round(hours / 24)} days`;
  if (hours >= 1.5) return `${Math.round(hours)} h`;
  return `${Math.max(1, Math.round(hours * 60))} min`;
}
