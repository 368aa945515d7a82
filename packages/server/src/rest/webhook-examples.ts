/** Webhook examples: the part of the story that is about webhooks. The secret opens nothing. */

export const newEndpoint = { url: 'https://example.com/hooks/gatekey', events: ['key.revoked', 'usage.threshold'] };

export const endpoint = {
  ...newEndpoint,
  id: 'whe_01kb3w8z8n5x2q7r9t4v6y0a1c',
  description: '',
  created_at: '2026-11-23T10:36:28.709Z',
  disabled_at: null,
  disabled_reason: null,
  failing_since: null,
  previous_secret_ends_at: null,
};
export const issuedEndpoint = { ...endpoint, secret: 'whsec_5WbX5kEWLlfzsGNjH64I8lOOqUB6e8FHQb3pQn9tT0A=' };
export const endpointPage = { data: [endpoint], next_cursor: null };
export const endpointChanges = { description: 'On call', enabled: true };

const attempt = {
  id: 'att_01kb3wb1c2d3e4f5g6h7j8k9m0',
  url: newEndpoint.url,
  started_at: '2026-11-23T10:40:00.104Z',
  finished_at: '2026-11-23T10:40:00.188Z',
  status: 200,
  duration_ms: 84,
  fault: null,
  summary: '200 in 84 ms',
};
const deliveryFields = {
  id: 'msg_01kb3wb1c2d3e4f5g6h7j8k9m1',
  endpoint_id: endpoint.id,
  event_id: 'evt_01kb3wb1c2d3e4f5g6h7j8k9m2',
  type: 'key.revoked',
  state: 'delivered',
  created_at: '2026-11-23T10:40:00.090Z',
  next_attempt_at: null,
};
export const delivery = {
  ...deliveryFields,
  payload: '{"type":"key.revoked","timestamp":"2026-11-23T10:40:00.090Z","data":{}}',
  attempts: [{ ...attempt, response: 'ok' }],
};
export const deliveryPage = { data: [{ ...deliveryFields, attempts: [attempt] }], next_cursor: null };
export const recovery = { since: '2026-11-23T00:00:00Z' };
export const recovered = { count: 3 };
