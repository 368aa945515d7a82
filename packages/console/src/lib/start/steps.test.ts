import { describe, expect, it } from 'vitest';
import type { StartAnswer } from './start.documents.ts';
import { stepsOf } from './steps.ts';

type KeyNode = StartAnswer['keys']['edges'][number]['node'];
const key = (more: Partial<KeyNode> = {}) => ({ node: { lastUsedAt: null, ipAllowlist: [], ...more } });
const endpoint = (...ids: string[]) => ({ node: { deliveries: { edges: ids.map((id) => ({ node: { id } })) } } });
const workspace = (more: Partial<StartAnswer> = {}): StartAnswer => ({
  ipAllowlist: [],
  keys: { totalCount: 0, edges: [] },
  webhookEndpoints: { edges: [] },
  ...more,
});
const keys = (...edges: ReturnType<typeof key>[]) => ({ keys: { totalCount: edges.length, edges } });

describe('the first steps', () => {
  it.each([
    ['nothing', workspace(), false, ''],
    ['a key', workspace(keys(key())), false, 'key'],
    ['a key that was used', workspace(keys(key({ lastUsedAt: '2026-11-28T01:00:00Z' }))), false, 'key request'],
    ['a call of a key that is gone', workspace(), true, 'request'],
    ['the allowlist of a key', workspace(keys(key({ ipAllowlist: ['10.0.0.1'] }))), false, 'key allowlist'],
    ['the allowlist of the workspace', workspace({ ipAllowlist: ['10.0.0.0/8'] }), false, 'allowlist'],
    ['an endpoint', workspace({ webhookEndpoints: { edges: [endpoint()] } }), false, ''],
    [
      'a test message that arrived',
      workspace({ webhookEndpoints: { edges: [endpoint(), endpoint('msg_1')] } }),
      false,
      'webhook',
    ],
  ])('after %s are done as far as that goes', (_what, answer, isCalled, done) => {
    const steps = stepsOf(answer, { isCalled, manage: true });
    expect(steps.map(({ name }) => name)).toEqual(['key', 'request', 'allowlist', 'webhook']);
    expect(steps.flatMap(({ name, isDone }) => (isDone ? name : [])).join(' ')).toBe(done);
  });

  it('of somebody who may not make endpoints have none of webhooks', () => {
    const steps = stepsOf(workspace(), { isCalled: false, manage: false });
    expect(steps.map(({ name }) => name)).toEqual(['key', 'request', 'allowlist']);
  });
});
