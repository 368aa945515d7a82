/** How each REST operation of the table is asked. */
import { delivery, endpoint, key, rotatedKey, type Thing } from './calls.ts';

export interface RestCall {
  /** What `:id` in the path names. */
  readonly thing?: Thing;
  readonly query?: string;
  readonly body?: object;
}

const twoDays = 'from=2026-01-01T00:00:00Z&to=2026-01-03T00:00:00Z&step=day';

/** By the name of the row. */
export const restCalls: Readonly<Record<string, RestCall>> = {
  'GET /ping': {},
  'GET /limits': {},

  'GET /keys': {},
  'POST /keys': { body: { name: 'New' } },
  'GET /keys/:id': { thing: key },
  'PATCH /keys/:id': { thing: key, body: { name: 'Other' } },
  'DELETE /keys/:id': { thing: key },
  'POST /keys/:id/enable': { thing: key },
  'POST /keys/:id/disable': { thing: key },
  'POST /keys/:id/revoke': { thing: key },
  'POST /keys/:id/rotate': { thing: key, body: {} },
  'POST /keys/:id/end-overlap': { thing: rotatedKey },

  'GET /usage': { query: `?${twoDays}` },

  'GET /webhooks': {},
  'POST /webhooks': { body: { url: 'http://127.0.0.1:65535/', events: ['key.expired'] } },
  'GET /webhooks/:id': { thing: endpoint },
  'PATCH /webhooks/:id': { thing: endpoint, body: { description: 'Other' } },
  'DELETE /webhooks/:id': { thing: endpoint },
  'POST /webhooks/:id/rotate': { thing: endpoint },
  'POST /webhooks/:id/test': { thing: endpoint },
  'POST /webhooks/:id/recover': { thing: endpoint, body: { since: '2026-01-01T00:00:00Z' } },
  'GET /webhooks/:id/deliveries': { thing: endpoint },
  'GET /deliveries/:id': { thing: delivery },
  'POST /deliveries/:id/redeliver': { thing: delivery },

  'GET /audit-events': {},

  'POST /verify': { body: { secret: 'gk_none' } },
};

/** Asked by a key about its own workspace, with the id of something elsewhere. */
export const beside = {
  'a key of its history': { thing: key, path: (id: string) => `/usage?${twoDays}&key_id=${id}` },
  'a key of its log': { thing: key, path: (id: string) => `/audit-events?key_id=${id}` },
} as const;
