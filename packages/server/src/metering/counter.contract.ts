/**
 * What every counter promises, as tests. Each counter runs them against the real thing.
 *
 * The clock of a store cannot be set, and a minute may turn within any test: what must hold for certain is asked of
 * days and months. Minutes are in the tests of each counter, where their clock or their counts are handed in.
 */
import { type Limits, windowAt } from '@gatekey/shared';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Soon } from '../kernel/soon.ts';
import type { CountedCall, Counter, Taken } from './counter.ts';

export interface CounterUnderTest {
  /** A counter on the one store; each is as another server. */
  open(): Counter;
  close(): Promise<void>;
}

const none: Limits = { minute: null, day: null, month: null };
const perDay = (day: number): Limits => ({ ...none, day });
let subjects = 0;

/** A call of a new workspace, for nothing of other tests to count into. */
function newCall(planLimits: Limits = none, keyLimits: Limits = none): CountedCall {
  subjects += 1;
  return { workspaceId: `ws_${subjects}`, keyId: `key_${subjects}`, planLimits, keyLimits };
}

const admittedOf = (decisions: readonly Taken[]) => decisions.filter(({ admitted }) => admitted).length;
const many = (count: number, take: () => Soon<Taken>) => Promise.all(Array.from({ length: count }, take));

function isSameMinute(one: Taken, other: Taken | undefined): boolean {
  return other !== undefined && windowAt('minute', one.at).startsAt === windowAt('minute', other.at).startsAt;
}

async function countsOf(counter: Counter, { workspaceId, keyId }: CountedCall) {
  const { workspace, keys } = await counter.read(workspaceId, [keyId]);
  const pair = (counts: typeof workspace | undefined) =>
    (['day', 'month'] as const).map((kind) => [counts?.[kind].used, counts?.[kind].refused]);
  return { workspace: pair(workspace), key: pair(keys.get(keyId)) };
}

/** Day and month alike. */
const everywhere = (used: number, refused: number) => [
  [used, refused],
  [used, refused],
];

export function counterContract(name: string, open: () => Promise<CounterUnderTest>): void {
  describe(`the counter ${name}`, () => {
    let store: CounterUnderTest;
    let counter: Counter;
    beforeAll(async () => {
      store = await open();
      counter = store.open();
    });
    afterAll(async () => {
      await counter.close();
      await store.close();
    });

    it('admits exactly 60 of 200 parallel calls on a limit of 60', async () => {
      const call = newCall(perDay(60));
      expect(admittedOf(await many(200, () => counter.take(call)))).toBe(60);
      expect(await countsOf(counter, call)).toEqual({ workspace: everywhere(60, 140), key: everywhere(60, 140) });
    });

    it('tells each admitted call how many more pass, none of it twice', async () => {
      const call = newCall(perDay(20));
      const decisions = await many(20, () => counter.take(call));
      const remaining = decisions.map(({ states }) => states[0]?.remaining).sort((a = 0, b = 0) => b - a);
      expect(remaining).toEqual(Array.from({ length: 20 }, (_, index) => 19 - index));
    });

    it('counts a call of unlimited windows too', async () => {
      const call = newCall();
      const { states, exhausted, admitted } = await counter.take(call);
      expect({ states, exhausted, admitted }).toEqual({ states: [], exhausted: undefined, admitted: true });
      expect(await countsOf(counter, call)).toEqual({ workspace: everywhere(1, 0), key: everywhere(1, 0) });
    });

    it('takes from all limits or from none', async () => {
      const keyed = newCall(perDay(10), perDay(2));
      await many(5, () => counter.take(keyed));
      expect(await countsOf(counter, keyed)).toEqual({ workspace: everywhere(2, 3), key: everywhere(2, 3) });
      const sibling = { ...keyed, keyId: `${keyed.keyId}b`, keyLimits: none };
      expect((await counter.take(sibling)).states[0]).toMatchObject({
        subject: 'workspace',
        window: 'day',
        used: 3,
        remaining: 7,
      });
    });

    it('counts a call as what it costs, whole or not at all', async () => {
      const call = newCall(perDay(10));
      const decisions = await many(3, () => counter.take(call, 4));
      expect(admittedOf(decisions)).toBe(2);
      const refused = decisions.find(({ admitted }) => !admitted);
      expect(refused?.exhausted).toMatchObject({ window: 'day', used: 8, remaining: 2 });
      expect((await counter.peek(call, 3)).admitted).toBe(false);
      expect((await counter.take(call, 2)).admitted).toBe(true);
      expect(await countsOf(counter, call)).toEqual({ workspace: everywhere(10, 1), key: everywhere(10, 1) });
    });

    it('admits no more than a limit of calls that cost different amounts, all at once', async () => {
      const call = newCall(perDay(60));
      const costs = Array.from({ length: 200 }, (_, index) => 1 + (index % 3));
      const decisions = await Promise.all(costs.map((cost) => counter.take(call, cost)));
      const used = costs.reduce((sum, cost, index) => sum + (decisions[index]?.admitted ? cost : 0), 0);
      expect(used).toBe(60);
      const refused = 200 - admittedOf(decisions);
      expect(await countsOf(counter, call)).toEqual({
        workspace: everywhere(60, refused),
        key: everywhere(60, refused),
      });
    });

    it('gives back what a call was charged, and as many more pass', async () => {
      const call = newCall(perDay(10), perDay(8));
      const { at } = await counter.take(call, 5);
      await counter.take(call, 3);
      expect((await counter.take(call)).admitted).toBe(false);
      await counter.giveBack(call, at, 5);
      expect(await countsOf(counter, call)).toEqual({ workspace: everywhere(3, 1), key: everywhere(3, 1) });
      const decisions = await many(9, () => counter.take(call));
      expect(admittedOf(decisions)).toBe(5);
    });

    it('gives nothing back below zero, nor to another key, nor of another time', async () => {
      const call = newCall(perDay(10));
      const sibling = { ...call, keyId: `${call.keyId}b` };
      const { at } = await counter.take(call, 2);
      await counter.take(sibling, 4);
      await counter.giveBack({ ...call, keyId: 'key_never' }, at, 1);
      const dayMs = 86_400_000;
      await counter.giveBack(call, at - 40 * dayMs, 2);
      await counter.giveBack(call, at + 40 * dayMs, 2);
      expect(await countsOf(counter, call)).toEqual({ workspace: everywhere(6, 0), key: everywhere(2, 0) });
      await counter.giveBack(call, at, 5);
      expect(await countsOf(counter, call)).toEqual({ workspace: everywhere(1, 0), key: everywhere(0, 0) });
      await counter.giveBack(call, at, 5);
      expect(await countsOf(counter, sibling)).toEqual({ workspace: everywhere(0, 0), key: everywhere(4, 0) });
    });

    it('is exact when calls are given back while others are taken', async () => {
      const call = newCall(perDay(20));
      const kept = await Promise.all(
        Array.from({ length: 120 }, async (_, index) => {
          const taken = await counter.take(call, 1 + (index % 2));
          if (!taken.admitted) return 0;
          if (index % 3 > 0) return 1 + (index % 2);
          await counter.giveBack(call, taken.at, 1 + (index % 2));
          return 0;
        }),
      );
      const used = kept.reduce((sum, cost) => sum + cost, 0);
      expect((await countsOf(counter, call)).key[0]?.[0]).toBe(used);
      expect(admittedOf(await many(25, () => counter.take(call)))).toBe(20 - used);
    });

    it('names limits in the order of the plan, then the key, and the spent one that resets last', async () => {
      const call = newCall({ minute: 1, day: 1, month: 9 }, { minute: 1, day: null, month: 5 });
      await counter.take(call);
      const { states, exhausted, at } = await counter.take(call);
      expect(states.map(({ subject, window }) => `${subject} ${window}`)).toEqual([
        'workspace minute',
        'workspace day',
        'workspace month',
        'key minute',
        'key month',
      ]);
      expect(states.filter(({ window }) => window !== 'minute').map(({ remaining }) => remaining)).toEqual([0, 8, 4]);
      expect(exhausted).toMatchObject({ subject: 'workspace', window: 'day', quota: 1 });
      for (const { startsAt, resetsAt } of states) expect(startsAt <= at && at < resetsAt).toBe(true);
    });

    it('holds the next take to changed limits', async () => {
      const call = newCall(perDay(5));
      await many(5, () => counter.take(call));
      expect((await counter.take(call)).admitted).toBe(false);
      expect((await counter.take({ ...call, planLimits: perDay(6) })).admitted).toBe(true);
      const lowered = await counter.take({ ...call, planLimits: perDay(2) });
      expect(lowered.admitted).toBe(false);
      expect(lowered.states[0]).toMatchObject({ used: 6, remaining: 0 });
    });

    it('peeks without counting, and foretells the next take', async () => {
      const call = newCall(perDay(1));
      expect((await counter.peek(call)).admitted).toBe(true);
      expect((await counter.take(call)).admitted).toBe(true);
      const peeked = await counter.peek(call);
      expect(peeked).toMatchObject({ admitted: false, exhausted: { window: 'day' } });
      expect(await countsOf(counter, call)).toMatchObject({ key: everywhere(1, 0) });
    });

    it('counts what was refused elsewhere as refused, so many at once', async () => {
      const call = newCall();
      await Promise.all([counter.refuse(call, 3), counter.take(call)]);
      expect(await countsOf(counter, call)).toEqual({ workspace: everywhere(1, 3), key: everywhere(1, 3) });
    });

    it('reads a key that was never used as zeroes, in the order asked for', async () => {
      const call = newCall();
      await counter.take(call);
      const { keys } = await counter.read(call.workspaceId, ['key_never', call.keyId]);
      expect([...keys].map(([id, { day }]) => [id, day.used])).toEqual([
        ['key_never', 0],
        [call.keyId, 1],
      ]);
    });

    it('reads workspace and keys at one instant, whatever is being counted', async () => {
      const call = newCall(perDay(40));
      const keyIds = ['a', 'b', 'c'].map((name) => `${call.keyId}${name}`);
      const reads = Array.from({ length: 20 }, async () => {
        await Promise.all(keyIds.map((keyId) => counter.take({ ...call, keyId })));
        return counter.read(call.workspaceId, keyIds);
      });
      for (const { workspace, keys } of await Promise.all(reads)) {
        const sum = (of: 'used' | 'refused') => [...keys.values()].reduce((all, { month }) => all + month[of], 0);
        expect([workspace.month.used, workspace.month.refused]).toEqual([sum('used'), sum('refused')]);
      }
    });

    it('keeps every total equal, whatever is called in which order', async () => {
      const quota = fc.option(fc.integer({ min: 1, max: 12 }), { nil: null });
      const limits = fc.record({ minute: quota, day: quota, month: quota });
      const step = fc.record({
        key: fc.nat(2),
        plan: limits,
        own: limits,
        calls: fc.integer({ min: 1, max: 8 }),
        peeks: fc.boolean(),
        givenBack: fc.nat(8),
      });
      await fc.assert(
        fc.asyncProperty(fc.array(step, { maxLength: 12 }), async (steps) => {
          const { workspaceId } = newCall();
          const model = { used: [0, 0, 0], refused: [0, 0, 0] };
          for (const { key, plan, own, calls, peeks, givenBack } of steps) {
            const call = { workspaceId, keyId: `${workspaceId}-${key}`, planLimits: plan, keyLimits: own };
            const foretold = peeks ? await counter.peek(call) : undefined;
            const decisions = await many(calls, () => counter.take(call));
            if (foretold !== undefined && isSameMinute(foretold, decisions[0])) {
              expect(decisions[0]?.admitted).toBe(foretold.admitted);
            }
            for (const { admitted, states } of decisions) {
              if (admitted) for (const { used, quota: most } of states) expect(used).toBeLessThanOrEqual(most);
            }
            const returned = decisions.filter(({ admitted }) => admitted).slice(0, givenBack);
            await Promise.all(returned.map(({ at }) => counter.giveBack(call, at, 1)));
            model.used[key] = (model.used[key] ?? 0) + admittedOf(decisions) - returned.length;
            model.refused[key] = (model.refused[key] ?? 0) + calls - admittedOf(decisions);
          }
          const { workspace, keys } = await counter.read(
            workspaceId,
            [0, 1, 2].map((key) => `${workspaceId}-${key}`),
          );
          const sum = (counts: number[]) => counts.reduce((all, one) => all + one, 0);
          expect([...keys.values()].map(({ day }) => day.used)).toEqual(model.used);
          expect([workspace.day.used, workspace.day.refused]).toEqual([sum(model.used), sum(model.refused)]);
        }),
        { numRuns: 40 },
      );
    });
  });
}
