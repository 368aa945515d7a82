import { describe, expect, it } from 'vitest';
import { activityPath, filterFrom, filterInput, noFilter } from './activity-filter.ts';

const read = (query: string) => filterFrom(new URLSearchParams(query));

describe('the filter of the log', () => {
  it.each([
    ['', noFilter],
    ['about=keys', { ...noFilter, about: 'keys' }],
    ['about=nothing&from=2026-02-30&to=yesterday', noFilter],
    [
      'about=alerts&by=key_1&from=2026-11-01&to=2026-11-30',
      { about: 'alerts', by: 'key_1', from: '2026-11-01', to: '2026-11-30' },
    ],
  ])('is read from %o', (query, filter) => {
    expect(read(query)).toEqual(filter);
  });

  it('is the address that it was read from', () => {
    for (const query of [
      'about=keys',
      'by=usr_1&from=2026-11-01',
      'about=members&by=usr_1&from=2026-11-01&to=2026-11-30',
    ]) {
      expect(activityPath(read(query))).toBe(`/activity?${query}`);
    }
    expect(activityPath(noFilter)).toBe('/activity');
  });

  it('asks for whole days of the reader', () => {
    const { from, to } = filterInput(read('from=2026-10-31&to=2026-10-31'));
    expect(from).toBe(new Date(2026, 9, 31).toISOString());
    expect(to).toBe(new Date(2026, 10, 1).toISOString());
  });

  it('tells apart what people did to keys and what is an alert', () => {
    const typesOf = (about: string) => filterInput(read(`about=${about}`)).types;
    expect(typesOf('all')).toBeNull();
    expect(typesOf('keys')).toContain('key.revoked');
    expect(typesOf('keys')).not.toContain('key.expired');
    expect(typesOf('alerts')?.toSorted()).toEqual([
      'ip.refused',
      'key.expired',
      'key.expiring',
      'usage.exceeded',
      'usage.threshold',
    ]);
  });
});
