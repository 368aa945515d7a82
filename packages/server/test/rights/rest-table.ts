/** The part of the table that is about REST. */
import type { Section } from './table.ts';

/** Without an id in the path it is about the key’s own workspace. */
const ofOwn = { foreign: 'yes' } as const;

/** Below `/api/v1`, where the cookie of a session is no credential. */
export const rest: Section = {
  isForKeysAlone: true,
  no: '403 scope_missing',
  foreign: '404 not_found',
  nobody: '401 key_missing',
  rows: {
    'GET /ping': { ...ofOwn, key: [] },
    'GET /limits': { ...ofOwn, key: [] },

    'GET /keys': { ...ofOwn, key: ['keys:read'] },
    'POST /keys': { ...ofOwn, key: ['keys:write'] },
    'GET /keys/:id': { key: ['keys:read'] },
    'PATCH /keys/:id': { key: ['keys:write'] },
    'DELETE /keys/:id': { key: ['keys:write'] },
    'POST /keys/:id/enable': { key: ['keys:write'] },
    'POST /keys/:id/disable': { key: ['keys:write'] },
    'POST /keys/:id/revoke': { key: ['keys:write'] },
    'POST /keys/:id/rotate': { key: ['keys:write'] },
    'POST /keys/:id/end-overlap': { key: ['keys:write'] },

    'GET /usage': { ...ofOwn, key: ['usage:read'] },

    'GET /webhooks': { ...ofOwn, key: ['webhooks:read'] },
    'POST /webhooks': { ...ofOwn, key: ['webhooks:write'] },
    'GET /webhooks/:id': { key: ['webhooks:read'] },
    'PATCH /webhooks/:id': { key: ['webhooks:write'] },
    'DELETE /webhooks/:id': { key: ['webhooks:write'] },
    'POST /webhooks/:id/rotate': { key: ['webhooks:write'] },
    'POST /webhooks/:id/test': { key: ['webhooks:write'] },
    'POST /webhooks/:id/recover': { key: ['webhooks:write'] },
    'GET /webhooks/:id/deliveries': { key: ['webhooks:read'] },
    'GET /deliveries/:id': { key: ['webhooks:read'] },
    'POST /deliveries/:id/redeliver': { key: ['webhooks:write'] },

    'GET /audit-events': { ...ofOwn, key: ['audit:read'] },

    'POST /verify': { ...ofOwn, key: ['keys:verify'] },
  },
};

/** Answered without a credential. */
export const openRoutes = [
  'GET /healthz',
  'GET /readyz',
  'GET /metrics',
  'GET /problems/:code',
  'GET /.well-known/jwks.json',
  'GET /api/v1/openapi.json',
  'GET /upstream-openapi.json',
  'GET /reference',
  'GET /reference/start.js',
  'GET /reference/viewer.js',
  'GET /graphql',
  'POST /graphql',
  'GET /api/auth/*',
  'POST /api/auth/*',
];
