import { webhookEventTypes } from '@gatekey/shared';
import { describe, expect, it } from 'vitest';
import {
  changesOf,
  draftOf,
  type EndpointDraft,
  emptyDraft,
  endpointName,
  eventGroups,
  readDraft,
} from './endpoint-draft.ts';

const filled: EndpointDraft = { ...emptyDraft, url: ' https://hooks.example.com/in ', description: ' Billing ' };

describe('the form of an endpoint', () => {
  it.each<[string, Partial<EndpointDraft>, object]>([
    [
      'all events',
      {},
      { ok: true, settings: { url: 'https://hooks.example.com/in', description: 'Billing', events: [] } },
    ],
    ['chosen events', { isAll: false, events: ['key.revoked'] }, { ok: true, settings: { events: ['key.revoked'] } }],
    ['ticks that no longer count', { events: ['key.revoked'] }, { ok: true, settings: { events: [] } }],
    ['no event', { isAll: false }, { ok: false, fields: { events: 'Choose at least one, or all.' } }],
    ['no URL', { url: ' ' }, { ok: false, fields: { url: 'Give the URL that messages go to.' } }],
    ['a host alone', { url: 'hooks.example.com' }, { ok: false, fields: { url: 'A whole http or https URL.' } }],
    [
      'another scheme',
      { url: 'ftp://hooks.example.com' },
      { ok: false, fields: { url: 'A whole http or https URL.' } },
    ],
  ])('with %s', (_what, changed, read) => {
    expect(readDraft({ ...filled, ...changed })).toMatchObject(read);
  });

  it.each([[[]], [['key.created', 'ip.refused']]])('says of an endpoint what it is: %j', (events) => {
    const settings = { url: 'https://hooks.example.com/in', description: '', events };
    expect(readDraft(draftOf(settings))).toEqual({ ok: true, settings });
  });

  it('groups every type, once', () => {
    expect(Object.values(eventGroups).flat().toSorted()).toEqual(webhookEventTypes.toSorted());
  });
});

describe('a change of an endpoint', () => {
  const before = { url: 'https://a.example/in', description: 'A', events: ['key.created'] };
  it.each([
    [{}, {}],
    [{ description: '' }, { description: '' }],
    [
      { url: 'https://b.example/in', events: [] },
      { url: 'https://b.example/in', events: [] },
    ],
  ])('%j is all that is sent', (changed, sent) => {
    expect(changesOf(before, { ...before, ...changed })).toEqual(sent);
  });
});

describe('the name of an endpoint', () => {
  it.each([
    ['Billing', 'Billing'],
    ['', 'hooks.example.com:8443'],
  ])('is what people wrote, or its host: %j', (description, name) => {
    expect(endpointName({ url: 'https://hooks.example.com:8443/in', description })).toBe(name);
  });
});
