/** Examples: one story for the OpenAPI document. A secret in it has the format of one, and opens nothing. */
import type { z } from 'zod';
import type { AuditEvent } from './schemas.ts';

export const newKey = {
  name: 'Checkout',
  scopes: ['orders:write'],
  ip_allowlist: ['203.0.113.0/24'],
  limits: { minute: 100, day: null, month: null },
  metadata: { team: 'payments' },
};

export const key = {
  ...newKey,
  id: 'key_01kb3w8z8n5x2q7r9t4v6y0a1c',
  hint: 'gk_7Qm3…x0Ol',
  status: 'ACTIVE',
  created_at: '2026-11-23T10:36:28.709Z',
  created_by: { kind: 'key', id: 'key_01kb3v1a2b3c4d5e6f7g8h9j0k' },
  expires_at: null,
  last_used_at: null,
  last_used_ip: null,
  last_used_user_agent: null,
  previous_secret: null,
};
const secret = 'gk_7Qm3kT9vBz2xW5nR8pL4cY6hJ1dF0sGa1x0Ol';

export const issuedKey = { ...key, secret };
export const keyPage = { data: [key], next_cursor: null };
export const changes = { name: 'Checkout, Europe', expires_at: '2027-06-30T22:00:00Z' };
export const rotation = { grace_seconds: 3_600 };
export const rotatedKey = {
  ...issuedKey,
  previous_secret: {
    ends_at: '2026-11-23T11:36:28.709Z',
    last_used_at: '2026-11-23T10:36:02.000Z',
    last_used_ip: '203.0.113.7',
  },
};

export const usagePage = {
  data: [
    {
      at: '2026-11-23T10:00:00.000Z',
      accepted: 1_204,
      refused: 3,
      refusals: [{ code: 'rate_limited', count: 3 }],
    },
  ],
  next_cursor: null,
};

export const auditEvent: z.infer<typeof AuditEvent> = {
  id: 'evt_01kb3w8z8n6d4q1r5t9v2y7a0c',
  at: '2026-11-23T10:36:28.709Z',
  type: 'key.updated',
  actor: { kind: 'user', id: 'usr_01kb3v0p9m8n7b6v5c4x3z2a1s', name: 'Ada' },
  address: '203.0.113.7',
  key_id: key.id,
  user_id: null,
  endpoint_id: null,
  subject: 'Checkout, Europe',
  before: { name: 'Checkout' },
  after: { name: 'Checkout, Europe' },
};
export const auditPage = { data: [auditEvent], next_cursor: null };

export const ping = {
  ok: true,
  key_id: key.id,
  workspace_id: 'ws_01kb3v0p9m8n7b6v5c4x3z2a1s',
  at: '2026-11-23T10:36:28.709Z',
};

export const limitPage = {
  data: [
    {
      policy: 'minute',
      window: 'minute',
      limit: 60,
      used: 48,
      remaining: 12,
      resets_at: '2026-11-23T10:37:00.000Z',
    },
  ],
  next_cursor: null,
};

export const verifyKey = {
  secret: 'gk_7Qm3uV1tXz9pLr5cKe8wBn2yHd4sGj6f0ax0Ol',
  cost: 1,
  scope: 'orders:write',
  ip: '203.0.113.7',
};
export const verification = {
  valid: true,
  code: 'admitted',
  key_id: key.id,
  workspace_id: ping.workspace_id,
  scopes: key.scopes,
  metadata: key.metadata,
  limits: limitPage.data,
  status: 200,
  headers: {
    'gatekey-decision': 'admitted',
    'ratelimit-policy': '"minute";q=60;w=60',
    ratelimit: '"minute";r=12;t=31',
    'x-ratelimit-limit': '60',
    'x-ratelimit-remaining': '12',
    'x-ratelimit-reset': '1795430220',
  },
  problem: null,
};
