import { describe, expect, it } from 'vitest';
import { planDraft, readPlanDraft } from './plan-draft.ts';

const empty = planDraft(null);

describe('the form of a plan', () => {
  it('reads a name and limits with separators; what is empty is no limit', () => {
    expect(readPlanDraft({ ...empty, name: ' Team ', minute: '1,200', month: '3000000' })).toEqual({
      ok: true,
      input: { name: 'Team', limits: { minute: 1200, day: null, month: 3_000_000 }, selfServe: false },
    });
  });

  it('names every mistake at its field', () => {
    const read = readPlanDraft({ ...empty, minute: '0', day: 'many' });
    expect(read.ok ? [] : Object.keys(read.fields)).toEqual(['name', 'limits.minute', 'limits.day']);
  });

  it('of a plan as it is says what the plan is', () => {
    const plan = { name: 'Pro', limits: { minute: 600, day: null, month: 2_000_000 }, selfServe: true };
    expect(readPlanDraft(planDraft(plan))).toEqual({ ok: true, input: plan });
  });
});
