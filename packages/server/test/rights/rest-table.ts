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
  },
};

/** Answered without a credential. */
export const openRoutes = [
  'GET /healthz',
  'GET /readyz',
  'GET /metrics',
  'GET /problems/:code',
  'GET /graphql',
  'POST /graphql',
  'GET /api/auth/*',
  'POST /api/auth/*',
];
