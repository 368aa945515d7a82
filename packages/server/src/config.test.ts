import { describe, expect, it } from 'vitest';
import { readConfig } from './config.ts';

const realSecret = 'Xq3vL9sT0bRk7WnZ2mYc5HdJ8fGp4AeU';

describe('the environment', () => {
  it('may be empty', () => {
    expect(readConfig({})).toEqual({
      host: '127.0.0.1',
      port: 4000,
      publicUrl: undefined,
      databaseUrl: undefined,
      redisUrls: [],
      dataDir: '.data',
      authSecret: undefined,
      keyPrefix: 'gk',
      trustedProxies: [],
      webhookAllowCidrs: [],
      smtp: undefined,
      signup: 'open',
      upstreamUrl: undefined,
      upstreamTimeoutMs: 30_000,
      upstreamOpenApi: undefined,
      logLevel: 'info',
      onRedisLoss: 'local',
    });
  });

  it('takes several Redis URLs and proxies', () => {
    const config = readConfig({ REDIS_URL: 'redis://a:1, redis://b:2', TRUSTED_PROXIES: '10.0.0.0/8, ::1' });
    expect(config.redisUrls).toEqual(['redis://a:1', 'redis://b:2']);
    expect(config.trustedProxies).toHaveLength(2);
  });

  it.each([
    ['gatekey@example.com', { name: '', address: 'gatekey@example.com' }],
    ['Gatekey of Acme <no-reply@acme.example>', { name: 'Gatekey of Acme', address: 'no-reply@acme.example' }],
  ])('takes a mail server, and whom mail is from: %s', (SMTP_FROM, from) => {
    const url = 'smtps://gatekey:p%40ss@mail.example:465';
    expect(readConfig({ SMTP_URL: url, SMTP_FROM }).smtp).toEqual({ url, from });
  });

  it('needs to know whom mail is from when it has a mail server', () => {
    expect(() => readConfig({ SMTP_URL: 'smtp://mail.example' })).toThrow(/^SMTP_FROM takes/);
    expect(readConfig({ SMTP_FROM: 'gatekey@example.com' }).smtp).toBeUndefined();
  });
  it.each(['https://docs.example.com/v1/openapi.json?raw=1', '/srv/openapi.yaml', 'openapi.json'])(
    'takes UPSTREAM_OPENAPI=%s',
    (source) => {
      expect(readConfig({ UPSTREAM_OPENAPI: source }).upstreamOpenApi).toBe(source);
    },
  );

  it('takes an empty variable as not set', () => {
    expect(readConfig({ PORT: '', DATABASE_URL: '' }).port).toBe(4000);
  });

  it.each([
    ['PORT', '65536'],
    ['PORT', '-1'],
    ['PORT', 'http'],
    ['HOST', 'a b'],
    ['PUBLIC_URL', 'example.com'],
    ['PUBLIC_URL', 'https://example.com/path'],
    ['PUBLIC_URL', 'https://user:hunter2@example.com'],
    ['DATABASE_URL', 'mysql://x'],
    ['REDIS_URL', 'redis://a,http://b'],
    ['KEY_PREFIX', 'GK'],
    ['TRUSTED_PROXIES', '10.0.0.0/8,proxy'],
    ['WEBHOOK_ALLOW_CIDRS', '10.0.0.0/33'],
    ['SIGNUP', 'maybe'],
    ['UPSTREAM_URL', 'http://10.0.0.2/api'],
    ['UPSTREAM_URL', 'tcp://10.0.0.2'],
    ['UPSTREAM_TIMEOUT_MS', '9999999'],
    ['UPSTREAM_TIMEOUT_MS', '1.5'],
    ['SMTP_URL', 'http://mail.example'],
    ['SMTP_URL', 'smtp:mail.example'],
    ['SMTP_URL', 'smtp://gatekey@mail.example'],
    ['SMTP_URL', 'smtp://gatekey:hunter2@mail.example/inbox'],
    ['SMTP_URL', 'smtp://gatekey:hunter2@mail.example?pool=true'],
    ['SMTP_URL', 'smtp://gatekey:100%@mail.example'],
    ['SMTP_FROM', 'Gatekey'],
    ['SMTP_FROM', 'a@example.com, b@example.com'],
    ['SMTP_FROM', 'Gatekey\r\nBcc: all@example.com <a@example.com>'],
    ['UPSTREAM_OPENAPI', 'ftp://docs.example.com/openapi.json'],
    ['UPSTREAM_OPENAPI', 'https://user:hunter2@docs.example.com/openapi.json'],
    ['LOG_LEVEL', 'loud'],
    ['AUTH_SECRET', 'short'],
    ['AUTH_SECRET', 'change-me-change-me-change-me-change-me'],
    ['AUTH_SECRET', 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa'],
  ])('stops the start with a line on %s=%s, without the value', (name, value) => {
    const start = () => readConfig({ AUTH_SECRET: realSecret, SMTP_FROM: 'a@b.example', [name]: value });
    expect(start).toThrow(new RegExp(`^${name} takes [^\\n]+\\.$`));
    expect(start).not.toThrow(value);
  });

  it('needs AUTH_SECRET with a database of the operator’s own', () => {
    expect(() => readConfig({ DATABASE_URL: 'postgres://db/gatekey' })).toThrow(/^AUTH_SECRET takes/);
    expect(readConfig({ DATABASE_URL: 'postgres://db/gatekey', AUTH_SECRET: realSecret }).authSecret).toBe(realSecret);
  });

  it('tells all mistakes at once, a line each', () => {
    expect(() => readConfig({ PORT: 'x', SIGNUP: 'x' })).toThrow(/^PORT takes .*\nSIGNUP takes /);
  });
});
