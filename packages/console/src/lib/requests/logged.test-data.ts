/** A request, for tests. */
import type { Logged } from './requests.documents.ts';

export function logged(id: string, more: Partial<Logged> = {}): Logged {
  return {
    ...{ id, at: '2026-11-23T10:00:00.000Z', method: 'GET', path: '/api/v1/ping', status: 200, code: null },
    ...{ address: '203.0.113.7', durationMs: 1.5, cost: 1, keyId: 'key_1', key: { name: 'Shop' }, refusal: null },
    ...more,
  };
}
