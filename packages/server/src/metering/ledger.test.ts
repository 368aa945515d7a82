import { windowsAt } from '@gatekey/shared';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { watchLag } from '../../test/lag.ts';
import { type TestLedger, testLedger } from '../../test/ledger.ts';
import { stepMs } from './tallies.ts';

const at = Date.parse('2026-01-31T23:59:20.500Z');
const minuteMs = 60_000;
const dayMs = 86_400_000;

let books: TestLedger;
beforeEach(async () => {
  books = await testLedger();
});
afterEach(() => books.close());

const usedOf = async (id: string, when = at) => {
  const { workspace, keys } = await books.ledger.totals('ws_1', when);
  return (id === 'ws_1' ? workspace : keys.get(id))?.used;
};

describe('the ledger', () => {
  it('keeps the totals of minute, day and month, of keys and of their workspace', async () => {
    const { ledger } = books;
    ledger.record({ workspaceId: 'ws_1', keyId: 'key_1' }, { at: at - 10 * dayMs }, undefined);
    ledger.record({ workspaceId: 'ws_1', keyId: 'key_1' }, { at: at - minuteMs }, undefined);
    ledger.record({ workspaceId: 'ws_1', keyId: 'key_1' }, { at: at }, undefined);
    ledger.record({ workspaceId: 'ws_1', keyId: 'key_2' }, { at: at }, undefined);
    ledger.record({ workspaceId: 'ws_2', keyId: 'key_3' }, { at: at }, undefined);
    await ledger.flush();
    expect(await usedOf('key_1')).toEqual({ minute: 1, day: 2, month: 3 });
    expect(await usedOf('ws_1')).toEqual({ minute: 2, day: 3, month: 4 });
    expect(await usedOf('key_1', at + minuteMs)).toBeUndefined();
  });

  it('counts refused calls apart, by reason', async () => {
    const { ledger } = books;
    ledger.record({ workspaceId: 'ws_1', keyId: 'key_1' }, { at: at }, undefined);
    ledger.record({ workspaceId: 'ws_1', keyId: 'key_1' }, { at: at }, { code: 'rate_limited', calls: 1 });
    ledger.record({ workspaceId: 'ws_1', keyId: 'key_1' }, { at: at }, { code: 'rate_limited', calls: 1 });
    ledger.record({ workspaceId: 'ws_1', keyId: 'key_2' }, { at: at }, { code: 'ip_not_allowed', calls: 1 });
    await ledger.flush();
    const { keys } = await ledger.totals('ws_1', at);
    expect(keys.get('key_1')).toMatchObject({ used: { day: 1 }, refused: { day: 2 } });
    const request = { workspaceId: 'ws_1', step: 'minute', from: at - dayMs, to: at + dayMs } as const;
    const minute = { at: Date.parse('2026-01-31T23:59:00Z'), accepted: 1 };
    expect(await ledger.history(request)).toEqual([
      { ...minute, refused: 3, refusals: { rate_limited: 2, ip_not_allowed: 1 } },
    ]);
    expect(await ledger.history({ ...request, keyId: 'key_1' })).toEqual([
      { ...minute, refused: 2, refusals: { rate_limited: 2 } },
    ]);
  });

  it('does not change by being written again, and sums over servers', async () => {
    const [one, other] = [books.ledger, books.another()];
    for (let calls = 1; calls <= 5; calls++) {
      one.record({ workspaceId: 'ws_1', keyId: 'key_1' }, { at: at }, undefined);
      await Promise.all([one.flush(), one.flush(), other.flush()]);
    }
    other.record({ workspaceId: 'ws_1', keyId: 'key_1' }, { at: at }, undefined);
    await other.flush();
    expect(await usedOf('key_1')).toEqual({ minute: 6, day: 6, month: 6 });
  });

  it('has hours and days of what has minutes', async () => {
    const { ledger } = books;
    for (let minute = 0; minute < 180; minute++)
      ledger.record({ workspaceId: 'ws_1', keyId: 'key_1' }, { at: at - minute * minuteMs }, undefined);
    await ledger.flush();
    const points = async (step: 'minute' | 'hour' | 'day') => {
      const found = await ledger.history({ workspaceId: 'ws_1', step, from: at - 31 * dayMs, to: at + 1 });
      return found.map(({ accepted }) => accepted);
    };
    // A clock that runs backwards counts into the windows that are open, so nothing is lost and nothing is twice.
    for (const step of ['minute', 'hour', 'day'] as const) {
      expect((await points(step)).reduce((sum, accepted) => sum + accepted, 0)).toBe(180);
    }
  });

  it('writes by itself within a second', async () => {
    const lag = watchLag();
    const from = performance.now();
    books.ledger.record({ workspaceId: 'ws_1', keyId: 'key_1' }, { at: at }, undefined);
    await expect.poll(() => usedOf('key_1'), { timeout: 5_000, interval: 10 }).toEqual({ minute: 1, day: 1, month: 1 });
    expect(performance.now() - from - lag.lost()).toBeLessThanOrEqual(1_000);
    lag.stop();
  });

  it('keeps what it cannot write, and writes it later', async () => {
    const { ledger } = books;
    ledger.record({ workspaceId: 'ws_1', keyId: 'key_1' }, { at: at }, undefined);
    await ledger.flush();
    await books.cutOff();
    ledger.record({ workspaceId: 'ws_1', keyId: 'key_1' }, { at: at }, undefined);
    ledger.record({ workspaceId: 'ws_1', keyId: 'key_1' }, { at: at + minuteMs }, undefined);
    await expect(ledger.flush()).rejects.toThrow();
    ledger.record({ workspaceId: 'ws_1', keyId: 'key_1' }, { at: at + minuteMs }, undefined);
    await books.letBack();
    await ledger.flush();
    expect(await usedOf('key_1')).toEqual({ minute: 2, day: 2, month: 2 });
    expect(await usedOf('key_1', at + minuteMs)).toEqual({ minute: 2, day: 2, month: 2 });
  });
});

describe('minutes, hours and days', () => {
  // From within a minute to into the next month; never back, for no server's clock does.
  const step = fc.record({
    waitMs: fc.constantFrom(0, 500, 20_000, 61_000, 3_600_000, 86_400_000),
    key: fc.nat(2),
    server: fc.nat(1),
    code: fc.constantFrom(undefined, undefined, 'rate_limited', 'ip_not_allowed'),
    after: fc.constantFrom('nothing', 'flush', 'crash'),
  } as const);

  it('are the same calls, whoever counted them, whenever they were written, and whoever died', async () => {
    let workspaces = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 25 }), async (steps) => {
        workspaces += 1;
        const workspaceId = `ws_of_run_${workspaces}`;
        const servers = [books.another(), books.another()];
        const calls: { at: number; keyId: string; isRefused: boolean }[] = [];
        let now = at - 40 * 60_000;
        for (const { waitMs, key, server, code, after } of steps) {
          now += waitMs;
          const keyId = `${workspaceId}_key_${key}`;
          const refused = code && { code, calls: 1 };
          servers[server]?.record({ workspaceId, keyId }, { at: now }, refused);
          calls.push({ at: now, keyId, isRefused: code !== undefined });
          if (after !== 'nothing') await servers[server]?.flush();
          // Another process goes on in its place; what it had open stays open.
          if (after === 'crash') servers[server] = books.another();
        }
        await Promise.all(servers.map((server) => server.flush()));

        const since = (start: number, isRefused: boolean) =>
          calls.filter((call) => call.at >= start && call.isRefused === isRefused).length;
        const { workspace, keys } = await books.ledger.totals(workspaceId, now);
        const { minute, day, month } = windowsAt(now);
        const counted = (isRefused: boolean) => ({
          minute: since(minute.startsAt, isRefused),
          day: since(day.startsAt, isRefused),
          month: since(month.startsAt, isRefused),
        });
        expect(workspace).toMatchObject({ used: counted(false), refused: counted(true) });
        const ofKeys = [...keys.values()].reduce((sum, { used, refused }) => sum + used.month + refused.month, 0);
        expect(ofKeys).toBe(calls.filter((call) => call.at >= month.startsAt).length);
        for (const kind of ['minute', 'hour', 'day'] as const) {
          const points = await books.ledger.history({ workspaceId, step: kind, from: 0, to: now + 1 });
          const sums = new Map<number, number>();
          for (const call of calls) {
            const start = Math.floor(call.at / stepMs[kind]) * stepMs[kind];
            sums.set(start, (sums.get(start) ?? 0) + 1);
          }
          expect(points.map((point) => [point.at, point.accepted + point.refused])).toEqual([...sums]);
          const reasons = points.flatMap(({ refusals }) => Object.values(refusals));
          expect(reasons.reduce((sum, count) => sum + count, 0)).toBe(since(0, true));
        }
      }),
      { numRuns: 25 },
    );
  });
});
