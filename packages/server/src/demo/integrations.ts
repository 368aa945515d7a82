/**
 * Integrations: the keys of the demo's workspace, one for each thing that can be told of a key, and how each is called.
 *
 * The same flows made the past and are called live, so that a chart goes on where the history ends.
 */
import type { Limits, RefusalCode } from '@gatekey/shared';

export const people = {
  mia: { name: 'Mia Berg', email: 'mia@nordwind.example', address: '198.51.100.20' },
  jonas: { name: 'Jonas Weber', email: 'jonas@nordwind.example', address: '198.51.100.21' },
  priya: { name: 'Priya Nair', email: 'priya@nordwind.example', address: '198.51.100.34' },
} as const;
export type PersonName = keyof typeof people;

/** Calls of one kind. */
export interface Flow {
  /** How many a minute, on average, at the busiest hour. */
  readonly perMinute: number;
  /** From where; an address for documentation. */
  readonly address: string;
  /** The guarded path; that of the cheapest call unless told. */
  readonly path?: (now: number) => string;
  /** Comes with the secret from before the rotation. */
  readonly isPrevious?: true;
  /** All of it is refused. What a limit refuses is not said here: the limit says it. */
  readonly refused?: Extract<RefusalCode, 'ip_not_allowed' | 'key_disabled' | 'key_expired' | 'key_revoked'>;
}

export interface Integration {
  readonly name: string;
  readonly by: PersonName;
  readonly madeDaysAgo: number;
  readonly input?: {
    readonly scopes?: readonly string[];
    readonly limits?: Partial<Limits>;
    readonly ipAllowlist?: readonly string[];
    readonly metadata?: Readonly<Record<string, string>>;
    readonly expiresInDays?: number;
  };
  /** What was done to it since. */
  readonly disabledDaysAgo?: number;
  readonly revokedDaysAgo?: number;
  readonly rotatedDaysAgo?: number;
  /** Since when it is not called successfully any more. */
  readonly silentDaysAgo?: number;
  readonly agent: string;
  readonly flows: readonly Flow[];
}

const dayMs = 86_400_000;
const usagePath = (now: number) => {
  const [from, to] = [now - dayMs, now].map((at) => encodeURIComponent(new Date(at).toISOString()));
  return `/api/v1/usage?step=hour&from=${from}&to=${to}`;
};

export const integrations: readonly Integration[] = [
  {
    name: 'Checkout service',
    by: 'mia',
    madeDaysAgo: 214,
    input: {
      scopes: ['orders:write', 'payments:write'],
      metadata: { team: 'Payments', environment: 'production', owner: 'mia@nordwind.example' },
    },
    agent: 'nordwind-checkout/4.12',
    flows: [{ perMinute: 23, address: '203.0.113.12' }],
  },
  {
    name: 'Storefront',
    by: 'mia',
    madeDaysAgo: 213,
    input: { scopes: ['catalog:read', 'orders:read'], metadata: { team: 'Web', environment: 'production' } },
    agent: 'node',
    flows: [{ perMinute: 12, address: '203.0.113.14' }],
  },
  {
    name: 'iOS app',
    by: 'jonas',
    madeDaysAgo: 180,
    input: { scopes: ['catalog:read'], metadata: { team: 'Mobile', release: '7.3.1' } },
    agent: 'Nordwind/7.3.1 CFNetwork/1568.100.1',
    flows: [{ perMinute: 6, address: '192.0.2.77' }],
  },
  {
    name: 'Android app',
    by: 'jonas',
    madeDaysAgo: 180,
    input: { scopes: ['catalog:read'], metadata: { team: 'Mobile', release: '7.3.0' } },
    agent: 'okhttp/4.12.0',
    flows: [{ perMinute: 4, address: '192.0.2.140' }],
  },
  {
    name: 'Zapier',
    by: 'priya',
    madeDaysAgo: 96,
    input: { limits: { minute: 5 }, metadata: { owner: 'priya@nordwind.example' } },
    agent: 'Zapier',
    flows: [{ perMinute: 11, address: '192.0.2.9' }],
  },
  {
    name: 'Partner: Bluebird Travel',
    by: 'mia',
    madeDaysAgo: 88,
    input: { limits: { month: 60_000 }, scopes: ['orders:read'], metadata: { contract: 'BB-2041' } },
    rotatedDaysAgo: 2.1,
    agent: 'python-requests/2.32.3',
    flows: [
      { perMinute: 4, address: '198.51.100.188' },
      { perMinute: 1, address: '198.51.100.189', isPrevious: true },
    ],
  },
  {
    name: 'Nightly export',
    by: 'jonas',
    madeDaysAgo: 84,
    input: { expiresInDays: 6.4, scopes: ['orders:read'], metadata: { schedule: '0 1 * * *' } },
    agent: 'curl/8.14.1',
    flows: [{ perMinute: 9, address: '203.0.113.31' }],
  },
  {
    name: 'Warehouse scanner',
    by: 'jonas',
    madeDaysAgo: 61,
    input: { ipAllowlist: ['198.51.100.64/27'], scopes: ['stock:write'], metadata: { site: 'Rotterdam' } },
    agent: 'ZebraTC/2.8',
    flows: [
      { perMinute: 4, address: '198.51.100.70' },
      { perMinute: 0.6, address: '203.0.113.200', refused: 'ip_not_allowed' },
    ],
  },
  {
    name: 'Grafana',
    by: 'priya',
    madeDaysAgo: 45,
    input: { scopes: ['usage:read'], metadata: { dashboard: 'api-traffic' } },
    agent: 'Grafana/12.1.0',
    flows: [{ perMinute: 2, address: '198.51.100.41', path: usagePath }],
  },
  {
    name: 'Terraform',
    by: 'jonas',
    madeDaysAgo: 44,
    input: {
      scopes: ['keys:read', 'keys:write'],
      ipAllowlist: ['198.51.100.32/28'],
      metadata: { repository: 'infra' },
    },
    agent: 'terraform-provider-gatekey/1.4.0',
    flows: [{ perMinute: 1, address: '198.51.100.40', path: () => '/api/v1/keys?limit=20' }],
  },
  {
    name: 'Support desk',
    by: 'priya',
    madeDaysAgo: 33,
    input: { limits: { minute: 30, day: 4_000 }, scopes: ['orders:read'], metadata: { release: '2026.11.0' } },
    agent: 'Zendesk/2',
    flows: [{ perMinute: 1.5, address: '192.0.2.61' }],
  },
  {
    name: 'Postman',
    by: 'priya',
    madeDaysAgo: 20,
    input: { expiresInDays: 25, limits: { minute: 10 } },
    silentDaysAgo: 0.13,
    agent: 'PostmanRuntime/7.44.1',
    flows: [{ perMinute: 0.1, address: '198.51.100.34' }],
  },
  {
    name: 'Data warehouse',
    by: 'jonas',
    madeDaysAgo: 120,
    input: { scopes: ['orders:read', 'stock:read'], metadata: { schedule: 'weekly' } },
    silentDaysAgo: 5.2,
    agent: 'airbyte/1.7',
    flows: [{ perMinute: 2, address: '203.0.113.58' }],
  },
  {
    name: 'Old CI',
    by: 'jonas',
    madeDaysAgo: 160,
    disabledDaysAgo: 3.3,
    silentDaysAgo: 3.3,
    agent: 'curl/7.88.1',
    flows: [
      { perMinute: 1, address: '203.0.113.80' },
      { perMinute: 0.5, address: '203.0.113.80', refused: 'key_disabled' },
    ],
  },
  {
    name: 'Fraud checks',
    by: 'mia',
    madeDaysAgo: 70,
    input: { scopes: ['payments:read'], metadata: { vendor: 'Sift' } },
    disabledDaysAgo: 11,
    silentDaysAgo: 11,
    agent: 'okhttp/4.11.0',
    flows: [{ perMinute: 2, address: '192.0.2.201' }],
  },
  {
    name: 'Black Friday landing page',
    by: 'mia',
    madeDaysAgo: 40,
    input: { expiresInDays: -0.9, scopes: ['catalog:read'], metadata: { campaign: 'BF-2026' } },
    silentDaysAgo: 0.9,
    agent: 'node',
    flows: [
      { perMinute: 3, address: '203.0.113.91' },
      { perMinute: 0.4, address: '203.0.113.91', refused: 'key_expired' },
    ],
  },
  {
    name: 'Price feed trial',
    by: 'priya',
    madeDaysAgo: 34,
    input: { expiresInDays: -20 },
    silentDaysAgo: 20.4,
    agent: 'Go-http-client/2.0',
    flows: [{ perMinute: 1, address: '192.0.2.118' }],
  },
  {
    name: 'Staging (leaked in a log)',
    by: 'jonas',
    madeDaysAgo: 52,
    revokedDaysAgo: 5.6,
    silentDaysAgo: 5.6,
    agent: 'node',
    flows: [
      { perMinute: 2, address: '203.0.113.17' },
      { perMinute: 0.4, address: '192.0.2.250', refused: 'key_revoked' },
    ],
  },
  {
    name: 'Contractor laptop',
    by: 'jonas',
    madeDaysAgo: 38,
    revokedDaysAgo: 16,
    silentDaysAgo: 17,
    agent: 'HTTPie/3.2.4',
    flows: [{ perMinute: 0.2, address: '192.0.2.33' }],
  },
  {
    name: 'Returns portal (beta)',
    by: 'priya',
    madeDaysAgo: 0.3,
    input: { scopes: ['orders:read', 'returns:write'], metadata: { team: 'Web', environment: 'beta' } },
    agent: 'node',
    flows: [],
  },
];
