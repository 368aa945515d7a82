import { type Limits, windowAt, windowKinds } from '@gatekey/shared';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type TestLedger, testLedger } from '../../test/ledger.ts';
import { systemClock } from '../kernel/clock.ts';
import { counterContract } from './counter.contract.ts';
import { createLocalCounter } from './counter.local.ts';

counterContract('in this process', async () => {
  const { seeds, close } = await testLedger();
  const counter = createLocalCounter({ clock: systemClock, seeds });
  return { open: () => counter, close };
});

let books: TestLedger;
beforeAll(async () => {
  books = await testLedger();
});
afterAll(() => books.close());

const limits: Limits = { minute: 3, day: 5, month: 8 };
const call = {
  workspaceId: 'ws_1',
  keyId: 'key_1',
  planLimits: limits,
  keyLimits: { minute: null, day: null, month: null },
};

function onClock(start: string) {
  let now = Date.parse(start);
  return {
    counter: createLocalCounter({ clock: { now: () => now }, seeds: books.seeds }),
    set: (time: string) => {
      now = Date.parse(time);
    },
  };
}

describe('a window that turns', () => {
  it('begins anew, and the longer ones go on', async () => {
    const { counter, set } = onClock('2026-01-31T23:58:59.999Z');
    const take = async () => (await counter.take(call)).states.map(({ remaining }) => remaining);
    expect(await take()).toEqual([2, 4, 7]);
    set('2026-01-31T23:59:00.000Z');
    expect(await take()).toEqual([2, 3, 6]);
    set('2026-02-01T00:00:00.000Z');
    expect(await take()).toEqual([2, 4, 7]);
  });

  it('tells when it resets', async () => {
    const { counter } = onClock('2026-12-31T23:59:30.000Z');
    const { states } = await counter.take(call);
    expect(states.map(({ resetsAt }) => resetsAt)).toEqual(Array(3).fill(Date.parse('2027-01-01T00:00:00Z')));
  });

  it('is not opened again by a clock that steps back', async () => {
    const { counter, set } = onClock('2026-01-31T12:00:30.000Z');
    for (let calls = 0; calls < 3; calls++) await counter.take(call);
    set('2026-01-31T11:59:59.000Z');
    expect((await counter.take(call)).admitted).toBe(false);
  });

  it('never admits more than its limit, wherever the clock goes', async () => {
    const start = Date.parse('2026-01-31T23:58:00Z');
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 0, max: 90_000 }), { maxLength: 60 }), async (steps) => {
        let now = start;
        const counter = createLocalCounter({ clock: { now: () => now }, seeds: books.seeds });
        const admitted = new Map<string, number>();
        for (const step of steps) {
          now += step;
          if (!(await counter.take(call)).admitted) continue;
          for (const kind of windowKinds) {
            const window = `${kind} ${windowAt(kind, now).startsAt}`;
            admitted.set(window, (admitted.get(window) ?? 0) + 1);
            expect(admitted.get(window)).toBeLessThanOrEqual(limits[kind] ?? 0);
          }
        }
      }),
    );
  });
});

describe('a workspace of several keys', () => {
  it('has the calls of its keys and no others, over any limits, changes of them and turns of the clock', async () => {
    const quota = fc.option(fc.integer({ min: 0, max: 6 }), { nil: null });
    const anyLimits = fc.record({ minute: quota, day: quota, month: quota });
    const step = fc.record({
      // From within a minute to into the next month.
      waitMs: fc.constantFrom(0, 1, 20_000, 60_000, 86_400_000, 20 * 86_400_000),
      key: fc.nat(2),
      planLimits: anyLimits,
      keyLimits: anyLimits,
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
        let now = Date.parse('2026-01-31T23:58:59.999Z');
        const counter = createLocalCounter({ clock: { now: () => now }, seeds: books.seeds });
        const keyIds = ['key_0', 'key_1', 'key_2'];
        for (const { waitMs, key, planLimits, keyLimits } of steps) {
          now += waitMs;
          const taken = await counter.take({ workspaceId: 'ws_1', keyId: `key_${key}`, planLimits, keyLimits });
          // A lowered limit may be below what was used before; then nothing is admitted, and nothing remains.
          for (const { used, quota, remaining } of taken.states) {
            if (taken.admitted) expect(used).toBeLessThanOrEqual(quota);
            expect(remaining).toBe(Math.max(0, quota - used));
          }
          const { workspace, keys } = await counter.read('ws_1', keyIds);
          for (const kind of windowKinds) {
            const sum = (of: 'used' | 'refused') => [...keys.values()].reduce((all, one) => all + one[kind][of], 0);
            expect([workspace[kind].used, workspace[kind].refused]).toEqual([sum('used'), sum('refused')]);
          }
        }
      }),
    );
  });
});

describe('its memory', () => {
  it('is given back after the month', async () => {
    const { counter, set } = onClock('2026-01-31T12:00:00Z');
    const subject = (index: number) => ({ ...call, workspaceId: `ws_${index}`, keyId: `key_${index}` });
    for (let index = 0; index < 500; index++) await counter.take(subject(index));
    expect(counter.size()).toBe(1_000);
    set('2026-02-01T00:00:00Z');
    await counter.take(subject(500));
    expect(counter.size()).toBeLessThan(5);
  });
});
