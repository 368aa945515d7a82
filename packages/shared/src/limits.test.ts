import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { tellRateLimit } from './headers.ts';
import { type Limit, type LimitState, retryAfterSeconds, tightest, windowAt, windowKinds } from './limits.ts';

const at = Date.parse('2026-01-31T23:59:20.500Z');
const instants = fc.date({ min: new Date('2000-01-01'), max: new Date('2100-01-01'), noInvalidDate: true });

describe('a window', () => {
  it.each([
    ['minute', '2026-01-31T23:59:00.000Z', '2026-02-01T00:00:00.000Z'],
    ['day', '2026-01-31T00:00:00.000Z', '2026-02-01T00:00:00.000Z'],
    ['month', '2026-01-01T00:00:00.000Z', '2026-02-01T00:00:00.000Z'],
  ] as const)('of a %s is the UTC calendar one', (kind, start, end) => {
    const { startsAt, resetsAt } = windowAt(kind, at);
    expect([new Date(startsAt).toISOString(), new Date(resetsAt).toISOString()]).toEqual([start, end]);
  });

  it('holds its instant, and the next one begins where it ends', () => {
    fc.assert(
      fc.property(instants, fc.constantFrom(...windowKinds), (instant, kind) => {
        const { startsAt, resetsAt } = windowAt(kind, instant.getTime());
        expect(startsAt <= instant.getTime() && instant.getTime() < resetsAt).toBe(true);
        expect(windowAt(kind, resetsAt).startsAt).toBe(resetsAt);
        expect(windowAt(kind, resetsAt - 1).startsAt).toBe(startsAt);
      }),
    );
  });

  it('of February 2028 has 29 days', () => {
    const { startsAt, resetsAt } = windowAt('month', Date.parse('2028-02-10T00:00:00Z'));
    expect((resetsAt - startsAt) / 86_400_000).toBe(29);
  });
});

describe('Retry-After', () => {
  it('rounds up to whole seconds', () => {
    expect(retryAfterSeconds(at + 39_500, at)).toBe(40);
  });

  it('is never 0, also when the window ends this very moment', () => {
    expect(retryAfterSeconds(at, at)).toBe(1);
  });

  it('leads past the end of the window', () => {
    fc.assert(fc.property(fc.nat(3_000_000_000), (wait) => retryAfterSeconds(at + wait, at) * 1000 >= wait));
  });
});

const told = (states: readonly LimitState[], now: number) => {
  const fields: Record<string, string> = {};
  tellRateLimit(states, now, (name, value) => {
    fields[name] = value;
  });
  return fields;
};

describe('the limits of a call', () => {
  const limits: Limit[] = [
    { subject: 'workspace', window: 'minute', quota: 60 },
    { subject: 'workspace', window: 'month', quota: 100_000 },
    { subject: 'key', window: 'minute', quota: 5 },
  ];

  it('are told in RateLimit fields, and the tightest in X-RateLimit fields', () => {
    const states = limits.map((limit): LimitState => {
      const used = limit.subject === 'key' ? 3 : 7;
      return { ...limit, ...windowAt(limit.window, at), used, remaining: limit.quota - used };
    });
    expect(tightest(states)).toMatchObject({ subject: 'key', remaining: 2 });
    expect(told(states, at)).toEqual({
      'ratelimit-policy': '"minute";q=60;w=60, "month";q=100000;w=2678400, "key-minute";q=5;w=60',
      ratelimit: '"minute";r=53;t=40, "month";r=99993;t=40, "key-minute";r=2;t=40',
      'x-ratelimit-limit': '5',
      'x-ratelimit-remaining': '2',
      'x-ratelimit-reset': '1769904000',
    });
  });

  it('are told as they are, whatever was told before', () => {
    const stateOf = (limit: Limit, on = at): LimitState => ({
      ...limit,
      ...windowAt(limit.window, on),
      used: 0,
      remaining: 1,
    });
    const policyOf = (all: readonly LimitState[]) => told(all, at)['ratelimit-policy'];
    const [minute, month, own] = limits.map((limit) => stateOf(limit));
    if (minute === undefined || month === undefined || own === undefined) throw new Error('there are three');
    expect(policyOf([minute, month])).toBe('"minute";q=60;w=60, "month";q=100000;w=2678400');
    expect(policyOf([minute])).toBe('"minute";q=60;w=60');
    expect(policyOf([own])).toBe('"key-minute";q=5;w=60');
    expect(policyOf([{ ...own, subject: 'workspace' }])).toBe('"minute";q=5;w=60');
    expect(policyOf([{ ...own, quota: 6 }])).toBe('"key-minute";q=6;w=60');
    expect(policyOf([month])).toBe('"month";q=100000;w=2678400');
    expect(policyOf([stateOf(month, Date.parse('2026-02-03'))])).toBe('"month";q=100000;w=2419200');
    expect(policyOf([{ ...stateOf(minute), window: 'day', ...windowAt('day', at) }])).toBe('"day";q=60;w=86400');
  });

  it('say nothing where nothing is limited', () => {
    expect(told([], at)).toEqual({});
  });
});
