/**
 * History: what the demo's keys were called in the last 30 days, and limits that make its meters worth a look.
 *
 *   flows of each integration -> calls of every minute -> rows of minutes, hours and days -> limits of the plan
 *
 * Minutes add up to hours and hours to days, for all are sums of the same calls. A plan that was chosen for what was
 * called puts the day at some 82 % and the month at 91 %, at any time of the day and of the month; only the first hours of
 * a day leave more room, so that the live traffic does not spend it at once. Pure.
 */
import { type Limits, type RefusalCode, windowsAt } from '@gatekey/shared';
import { type LedgerRow, stepAt, stepMs, type UsageStep } from '../metering/tallies.ts';
import type { Flow, Integration } from './integrations.ts';

/** Rows of one integration, without whose they are. */
export type PastRow = Pick<LedgerRow, 'step' | 'at' | 'accepted' | 'refused' | 'refusals'>;

export interface History {
  readonly rows: ReadonlyMap<Integration, readonly PastRow[]>;
  /** Of the plan. */
  readonly limits: Limits;
}

const days = 30;
/** Of older hours there are no minutes: nobody looks that closely that far back. */
const minutesBackMs = 24 * stepMs.hour;
const minuteLimit = 100;
const [dayShare, monthShare] = [0.82, 0.91];
/** What the live traffic may still do, at least. */
const leastRoom = 1_800;
/** For how long the evening before today rises to it, ms. */
const risesMs = 3 * stepMs.hour;
/** Of a limit of the day, what the days before today used on average. */
const usualShare = 0.5;

/** @param random  0 to 1 */
export function pastOf(integrations: readonly Integration[], now: number, random: () => number): History {
  const today = windowsAt(now).day.startsAt;
  const busyDay = integrations.flatMap((one) => one.flows).reduce((sum, flow) => sum + accepted(flow), 0) * busyMinutes;
  const todayTotal = busyShare(today, now) * busyDay;
  const usual = (usualShare * limitFor(todayTotal, dayShare)) / busyDay;
  const dayLevels = Array.from({ length: days }, (_, index) => {
    const at = today - (days - 1 - index) * stepMs.day;
    if (at === today) return 1;
    // Yesterday was calm until its evening.
    const isCalm = index === days - 2 || [0, 6].includes(new Date(at).getUTCDay());
    return usual * (isCalm ? 0.6 : 1.1) * (0.85 + 0.3 * random());
  });

  /** How busy it was at an instant. Into today leads no step: the evening before rises to it. */
  const levelAt = (at: number) => {
    const level = dayLevels[Math.floor((at - today) / stepMs.day) + days - 1] ?? 0;
    const risen = Math.max(0, 1 - (today - at) / risesMs);
    return (at < today ? level + (1 - level) * risen ** 2 : level) * busyAt(at, now);
  };

  const rows = new Map<Integration, PastRow[]>();
  for (const integration of integrations) {
    const minutes = new Map<number, Calls>();
    const from = Math.max(today - (days - 1) * stepMs.day, now - integration.madeDaysAgo * stepMs.day);
    for (let at = stepAt('minute', from); at < now; at += stepMs.minute) {
      const share = Math.min(1, (now - at) / stepMs.minute) * levelAt(at);
      const calls = callsOf(integration, { at, now, share, random });
      if (calls.accepted + calls.refusals.size > 0) minutes.set(at, calls);
    }
    rows.set(integration, rowsOf(minutes, now));
  }
  return { rows, limits: limitsOf([...rows.values()].flat(), now) };
}

interface Calls {
  accepted: number;
  readonly refusals: Map<RefusalCode, number>;
}
interface Minute {
  readonly at: number;
  readonly now: number;
  /** Of the rate of each flow. */
  readonly share: number;
  readonly random: () => number;
}

const accepted = ({ refused, perMinute }: Flow) => (refused === undefined ? perMinute : 0);

/** How busy it is, 0 to 1: most at the time of the day that it is now. */
function busyAt(at: number, now: number): number {
  const apart = Math.abs(at - now) % stepMs.day;
  const hours = Math.min(apart, stepMs.day - apart) / stepMs.hour;
  return 0.15 + 0.85 * Math.exp(-((hours / 6) ** 2) / 2);
}
/** To how many minutes of the busiest hour a day comes. */
const busyMinutes = Array.from({ length: 1_440 }, (_, minute) => busyAt(minute * stepMs.minute, 0)).reduce(
  (a, b) => a + b,
);

/** Which part of a day's calls lie between two instants of it. */
function busyShare(from: number, to: number): number {
  let sum = 0;
  for (let at = from; at < to; at += stepMs.minute) sum += busyAt(at, to);
  return sum / busyMinutes;
}

function callsOf({ flows, input, silentDaysAgo = 0 }: Integration, { at, now, share, random }: Minute): Calls {
  const calls: Calls = { accepted: 0, refusals: new Map() };
  const isSilent = at >= now - silentDaysAgo * stepMs.day;
  for (const { perMinute, refused } of flows) {
    // A fraction is a call now and then.
    const count = Math.floor(perMinute * share * (0.7 + 0.6 * random()) + random());
    if (refused === undefined && !isSilent) calls.accepted += count;
    else if (refused !== undefined && (isSilent || refused === 'ip_not_allowed') && count > 0)
      calls.refusals.set(refused, count);
  }
  const over = calls.accepted - (input?.limits?.minute ?? Number.POSITIVE_INFINITY);
  if (over > 0) {
    calls.accepted -= over;
    calls.refusals.set('rate_limited', over);
  }
  return calls;
}

function rowsOf(minutes: ReadonlyMap<number, Calls>, now: number): PastRow[] {
  const sums = (step: Exclude<UsageStep, 'minute'>) => {
    const byStep = Map.groupBy(minutes, ([at]) => stepAt(step, at));
    return Array.from(byStep, ([at, within]) => rowOf(step, at, sumOf(within.map(([, calls]) => calls))));
  };
  const recent = [...minutes].filter(([at]) => at >= now - minutesBackMs);
  return [...recent.map(([at, calls]) => rowOf('minute', at, calls)), ...sums('hour'), ...sums('day')];
}

function rowOf(step: UsageStep, at: number, { accepted, refusals }: Calls): PastRow {
  const refused = [...refusals.values()].reduce((sum, count) => sum + count, 0);
  return { step, at, accepted, refused, refusals: Object.fromEntries(refusals) };
}

function sumOf(all: readonly Calls[]): Calls {
  const sum: Calls = { accepted: 0, refusals: new Map() };
  for (const { accepted, refusals } of all) {
    sum.accepted += accepted;
    for (const [code, count] of refusals) sum.refusals.set(code, (sum.refusals.get(code) ?? 0) + count);
  }
  return sum;
}

function limitsOf(rows: readonly PastRow[], now: number): Limits {
  const { day, month } = windowsAt(now);
  const dayRows = rows.filter(({ step }) => step === 'day');
  const totals = [...Map.groupBy(dayRows, ({ at }) => at)].map(([at, all]) => ({
    at,
    accepted: all.reduce((sum, row) => sum + row.accepted, 0),
  }));
  const since = (start: number) => totals.filter(({ at }) => at >= start).reduce((sum, one) => sum + one.accepted, 0);
  const before = totals.filter(({ at }) => at < day.startsAt).map(({ accepted }) => accepted);
  return {
    minute: minuteLimit,
    // No day before went beyond it.
    day: Math.max(limitFor(since(day.startsAt), dayShare), limitFor(Math.max(...before), 1)),
    month: limitFor(since(month.startsAt), monthShare),
  };
}

/** The limit of which so many calls are such a share, as a round number. */
function limitFor(used: number, share: number): number {
  const limit = Math.max(used / share, used + leastRoom);
  const unit = 5 * 10 ** Math.max(0, Math.floor(Math.log10(limit)) - 2);
  return Math.floor(limit / unit) * unit;
}
