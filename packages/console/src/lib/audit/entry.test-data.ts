import type { Entry } from './audit.documents.ts';

/** A change as the server tells it, but for what is given. */
export function entryWith(given: Partial<Entry>): Entry {
  return {
    ...{ id: 'evt_1', at: '2026-11-23T10:00:00.000Z', type: 'key.updated', address: '127.0.0.1' },
    actor: { kind: 'USER', id: 'user_1', name: 'Ada' },
    ...{ keyId: 'key_1', userId: null, endpointId: null, subject: 'Billing', before: null, after: null },
    ...given,
  };
}
