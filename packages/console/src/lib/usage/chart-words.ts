/** Chart words: what a chart says of its time, its bands and its limit. */
import { formatClock, formatCount, formatDay, formatUtcDay, formatWeekdayClock } from '#lib/format.ts';
import { m } from '#messages';
import type { ChartRange, RangeName, Step } from './chart-range.ts';

const bandWords: Readonly<Record<string, () => string>> = {
  accepted: m.chart_band_accepted,
  rate_limited: m.chart_band_rate_limited,
  quota_exceeded: m.chart_band_quota_exceeded,
  key_disabled: m.chart_band_key_disabled,
  key_expired: m.chart_band_key_expired,
  key_revoked: m.chart_band_key_revoked,
  workspace_suspended: m.chart_band_workspace_suspended,
  ip_not_allowed: m.chart_band_ip_not_allowed,
  scope_missing: m.chart_band_scope_missing,
};

/** What a range is called on its button. */
export const rangeWords: Readonly<Record<RangeName, () => string>> = {
  '30m': m.chart_range_30m,
  '3h': m.chart_range_3h,
  '24h': m.chart_range_24h,
  '7d': m.chart_range_7d,
  '30d': m.chart_range_30d,
};

const lastWords: Readonly<Record<RangeName, () => string>> = {
  '30m': m.chart_last_30m,
  '3h': m.chart_last_3h,
  '24h': m.chart_last_24h,
  '7d': m.chart_last_7d,
  '30d': m.chart_last_30d,
};

const limitWords: Readonly<Record<Step, (inputs: { limit: string }) => string>> = {
  MINUTE: m.chart_limit_minute,
  HOUR: m.chart_limit_hour,
  DAY: m.chart_limit_day,
};

/** `accepted`, or the code of a refusal; one that is not known here as it is. */
export function bandText(code: string): string {
  return bandWords[code]?.() ?? code;
}

export function rangeText({ name, from, to }: ChartRange): string {
  if (name !== null) return lastWords[name]();
  return m.chart_from_to({ from: formatWeekdayClock(from), to: formatWeekdayClock(to) });
}

/** One column: when it began, and how long it is where that is not a minute. */
export function pointText(at: number, step: Step): string {
  if (step === 'DAY') return m.chart_point_day({ day: formatUtcDay(at) });
  const time = `${formatDay(at)}, ${formatClock(at)}`;
  return step === 'HOUR' ? m.chart_point_hour({ time }) : time;
}

/** @param isFar  so far above the columns that its line is not drawn */
export function limitText(step: Step, limit: number, isFar: boolean): string {
  const text = limitWords[step]({ limit: formatCount(limit) });
  return isFar ? m.chart_limit_far({ limit: text }) : text;
}
