import { formatClock, formatCount, formatDay, formatUtcDay, formatWeekdayClock } from '#lib/format.ts';
import type { ChartRange, RangeName, Step } from '#lib/usage/chart-range.ts';

const bands: Readonly<Record<string, string>> = {
  accepted: 'Accepted',
  rate_limited: 'Over the minute’s limit',
  quota_exceeded: 'Over a quota',
  key_disabled: 'Key disabled',
  key_expired: 'Key expired',
  key_revoked: 'Key revoked',
  workspace_suspended: 'Workspace suspended',
  ip_not_allowed: 'Address not allowed',
  scope_missing: 'Scope missing',
};
const steps: Readonly<Record<Step, string>> = { MINUTE: 'a minute', HOUR: 'an hour', DAY: 'a day' };
const rangeNames: Readonly<Record<RangeName, string>> = {
  '30m': 'Last 30 minutes',
  '3h': 'Last 3 hours',
  '24h': 'Last 24 hours',
  '7d': 'Last 7 days',
  '30d': 'Last 30 days',
};

const whole = ({ name, from, to }: ChartRange): string =>
  name === null ? `${formatWeekdayClock(from)} to ${formatWeekdayClock(to)}` : rangeNames[name];

function point(at: number, step: Step): string {
  if (step === 'DAY') return `${formatUtcDay(at)}, a UTC day`;
  return step === 'HOUR' ? `${formatDay(at)}, ${formatClock(at)}, an hour` : `${formatDay(at)}, ${formatClock(at)}`;
}

/** Words of the chart. */
export const chart = {
  title: 'Requests',
  ranges: { '30m': '30 min', '3h': '3 h', '24h': '24 h', '7d': '7 d', '30d': '30 d' } satisfies Record<
    RangeName,
    string
  >,
  rangeLabel: 'Time shown',
  whole,
  point,
  band: (code: string): string => bands[code] ?? code,
  limit: (step: Step, limit: number, isFar: boolean): string =>
    `Limit ${formatCount(limit)} ${steps[step]}${isFar ? ', far above' : ''}`,
  spoken: (range: ChartRange, accepted: number, refused: number): string =>
    `${whole(range)}: ${formatCount(accepted)} accepted, ${formatCount(refused)} refused. The table below has the numbers.`,
  dragHint: 'Drag over the chart to look closer.',
  back: 'Back to the whole',
  failed: 'The history could not be loaded.',
  table: 'As a table',
  tableState: (rows: number): string => (rows === 1 ? '1 row' : `${formatCount(rows)} rows`),
  tableCaption: 'Requests over time, newest first; times without a request are left out',
  columns: { at: 'When', refused: 'Refused' },
  nothing: 'No request in this time.',
};
