import { describe, expect, it } from 'vitest';
import { activityPath, filterFrom, filterInput, isFiltered, noFilter } from './activity-filter.ts';

const now = Date.parse('2026-11-23T10:00:00.000Z');
const everything = { types: null, actorKind: null, actorId: null, from: null };

describe('the filter of the log', () => {
  it.each([
    ['', '/activity'],
    ['about=keys', '/activity?about=keys'],
    ['since=week&by=people&about=members', '/activity?about=members&by=people&since=week'],
    ['by=key_01J', '/activity?by=key_01J'],
    ['about=weather&by=a%20b&since=ever', '/activity'],
  ])('in the address ?%s is %s', (search, path) => {
    const filter = filterFrom(new URLSearchParams(search));
    expect(activityPath(filter)).toBe(path);
    expect(isFiltered(filter)).toBe(path !== '/activity');
  });

  it.each([
    ['nothing', {}, {}],
    ['a kind of actor', { by: 'system' }, { actorKind: 'SYSTEM' }],
    ['one actor', { by: 'key_1' }, { actorId: 'key_1' }],
    ['a time', { since: 'week' }, { from: '2026-11-16T10:00:00.000Z' }],
    ['a group', { about: 'workspace' }, { types: ['workspace.updated', 'workspace.suspended', 'workspace.resumed'] }],
    [
      'what nobody did',
      { about: 'alerts' },
      { types: ['key.expiring', 'key.expired', 'usage.threshold', 'usage.exceeded', 'ip.refused'] },
    ],
  ] as const)('of %s is told to the server', (_what, given, input) => {
    expect(filterInput({ ...noFilter, ...given }, now)).toEqual({ ...everything, ...input });
  });
});
