/** Plan words: limits as text. */
import { type Limits, type WindowKind, windowKinds } from '@gatekey/shared';
import { formatCount } from '#lib/format.ts';
import { m } from '#messages';

const rates: Readonly<Record<WindowKind, (inputs: { count: string }) => string>> = {
  minute: m.settings_per_minute,
  day: m.settings_per_day,
  month: m.settings_per_month,
};
const windows: Readonly<Record<WindowKind, () => string>> = {
  minute: m.settings_minute,
  day: m.settings_day,
  month: m.settings_month,
};

/** `60 a minute · 5,000 a day` */
export function limitsText(limits: Limits): string {
  const texts = windowKinds.flatMap((window) => {
    const limit = limits[window];
    return limit === null ? [] : [rates[window]({ count: formatCount(limit) })];
  });
  return texts.length === 0 ? m.settings_no_limits() : texts.join(' · ');
}

/** `A minute`: over the limits of one window. */
export const windowName = (window: WindowKind): string => windows[window]();

/** `5,000`, or that there is none. */
export const limitText = (limit: number | null): string =>
  limit === null ? m.settings_no_limit() : formatCount(limit);
