import { describe, expect, it } from 'vitest';
import { partFrom, settingsPath } from './settings-part.ts';

describe('the part of the settings that an address asks for', () => {
  it.each([
    ['', false, 'workspace'],
    ['part=members', false, 'members'],
    ['invite', false, 'members'],
    ['part=plans', true, 'plans'],
    ['part=plans', false, 'workspace'],
    ['part=nonsense', true, 'workspace'],
  ])('"%s", to the operator: %s, is %s', (query, isOperator, part) => {
    expect(partFrom(new URLSearchParams(query), isOperator)).toBe(part);
  });

  it('is found again in its own address', () => {
    const { searchParams } = new URL(settingsPath('workspaces', 'search=ada'), 'http://localhost');
    expect([partFrom(searchParams, true), searchParams.get('search')]).toEqual(['workspaces', 'ada']);
  });
});
