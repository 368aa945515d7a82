import { describe, expect, it } from 'vitest';
import { readRuleDraft, ruleDraft } from './rule-draft.ts';

const named = { ...ruleDraft(null), path: ' /api/v1/reports/* ' };

describe('the form of a cost rule', () => {
  it('with only a path holds for any method, costs one call and needs no scope', () => {
    expect(readRuleDraft(named)).toEqual({
      ok: true,
      input: { method: null, path: '/api/v1/reports/*', cost: 1, scope: null, charge: 'ALWAYS' },
    });
  });

  it.each(['0', '1000', ' 7 '])('takes a cost of "%s"', (cost) => {
    expect(readRuleDraft({ ...named, cost }).ok).toBe(true);
  });

  it.each(['', '-1', '1.5', '1001', 'ten'])('takes no cost of "%s"', (cost) => {
    const read = readRuleDraft({ ...named, cost });
    expect(read.ok ? [] : Object.keys(read.fields)).toEqual(['cost']);
  });

  it('takes no path that does not begin with a slash', () => {
    const read = readRuleDraft({ ...named, path: 'reports' });
    expect(read.ok ? [] : Object.keys(read.fields)).toEqual(['path']);
  });

  it('of a rule as it is says what the rule is', () => {
    const rule = {
      method: 'POST',
      path: '/api/v1/reports',
      cost: 25,
      scope: 'reports:write',
      charge: 'NOT_ON_5XX',
    } as const;
    expect(readRuleDraft(ruleDraft(rule))).toEqual({ ok: true, input: rule });
  });
});
