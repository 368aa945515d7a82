/**
 * Config: the environment, read once. All mistakes are told at once, a line each, and never with the value.
 */
import { type AddressRange, parseRange } from '@gatekey/shared';
import { z } from 'zod';
import { type LogLevel, logLevels } from './kernel/log.ts';
import { StartRefused } from './kernel/start-refused.ts';
import { lossModes, type OnLoss } from './metering/counter.steady.ts';

export interface Config {
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  /** What users type, without a trailing slash; undefined = http://host:port, known once the port is. */
  readonly publicUrl: string | undefined;
  /** undefined = embedded PostgreSQL in `dataDir`. */
  readonly databaseUrl: string | undefined;
  /** Empty = in-process counters and bus; several = Redis Cluster. */
  readonly redisUrls: readonly string[];
  readonly dataDir: string;
  /** undefined = generated into `dataDir`; only with the embedded database. */
  readonly authSecret: string | undefined;
  readonly keyPrefix: string;
  readonly trustedProxies: readonly AddressRange[];
  readonly signup: 'open' | 'closed';
  readonly onRedisLoss: OnLoss;
  /** Origin of the operator's own API; undefined = there is none behind this server. */
  readonly upstreamUrl: string | undefined;
  /** How long it may take until it begins to answer, ms. */
  readonly upstreamTimeoutMs: number;
  /** URL or file of the OpenAPI document of the operator's own API; undefined = it is not shown. */
  readonly upstreamOpenApi: string | undefined;
  /** Ranges that webhooks may reach although they are not public. */
  readonly webhookAllowCidrs: readonly AddressRange[];
  /** How mail is sent; undefined = it is not. */
  readonly smtp: Smtp | undefined;
  readonly logLevel: LogLevel;
}

export interface Smtp {
  /** With the user and password of its account. */
  readonly url: string;
  /** Whom mail is from. */
  readonly from: { readonly name: string; readonly address: string };
}

const shortestSecret = 32;

/** How each variable is to be written; the end of the line that refuses it. */
const takes = {
  HOST: 'a host name or address',
  PORT: 'a whole number from 0 to 65535',
  PUBLIC_URL: 'an http or https URL without path, query or user',
  DATABASE_URL: 'a postgres:// or postgresql:// URL',
  REDIS_URL: 'one or more redis:// or rediss:// URLs with commas between them',
  DATA_DIR: 'a path',
  AUTH_SECRET: `at least ${shortestSecret} characters from a random source, no example; needed with DATABASE_URL`,
  KEY_PREFIX: '2 to 12 characters of a-z and 0-9',
  TRUSTED_PROXIES: 'addresses or CIDR ranges with commas between them',
  SIGNUP: 'open or closed',
  ON_REDIS_LOSS: lossModes.join(', '),
  UPSTREAM_URL: 'an http or https URL without path, query or user',
  UPSTREAM_TIMEOUT_MS: 'a whole number of milliseconds, 1 to 3600000',
  UPSTREAM_OPENAPI: 'an http or https URL without user, or the path of a file',
  WEBHOOK_ALLOW_CIDRS: 'addresses or CIDR ranges with commas between them',
  SMTP_URL: 'an smtp:// or smtps:// URL without path or query',
  SMTP_FROM: 'an e-mail address, as it is or as Name <address>; needed with SMTP_URL',
  LOG_LEVEL: logLevels.join(', '),
} as const;
type Variable = keyof typeof takes;
/** As a process has it. */
type Environment = Readonly<Record<string, string | undefined>>;

const list = (text: string) => text.split(',').map((part) => part.trim());

function isUrl(text: string, protocols: readonly string[]): boolean {
  return URL.canParse(text) && protocols.includes(new URL(text).protocol);
}

function isOrigin(text: string): boolean {
  if (!isUrl(text, ['http:', 'https:'])) return false;
  const url = new URL(text);
  return url.pathname === '/' && url.search === '' && url.hash === '' && url.username === '' && url.password === '';
}

/** What has a scheme is no path, so that a mistyped URL is told as one. */
function isSource(text: string): boolean {
  if (!/^[a-z][a-z\d+.-]*:/i.test(text)) return !text.includes('\0');
  return isUrl(text, ['http:', 'https:']) && !/^\w+:\/\/[^/]*@/.test(text);
}

function isSmtpUrl(text: string): boolean {
  if (!isUrl(text, ['smtp:', 'smtps:'])) return false;
  const { hostname, pathname, search, hash, username, password } = new URL(text);
  if (hostname === '' || !['', '/'].includes(pathname) || search !== '' || hash !== '') return false;
  return isDecodable(username) && isDecodable(password) && (username === '') === (password === '');
}

function isDecodable(text: string): boolean {
  try {
    decodeURIComponent(text);
    return true;
  } catch {
    return false;
  }
}

/** Refuses what people paste instead of making a secret: words of the kind "changeme", one character again and again. */
function isRandomEnough(secret: string): boolean {
  if (secret.length < shortestSecret || new Set(secret).size < 10) return false;
  return !/change.?me|example|secret|password|placeholder|your[-_ ]/i.test(secret);
}

const Ranges = z
  .string()
  .transform((text, context) => {
    const ranges = list(text).map(parseRange);
    const known = ranges.filter((range) => range !== undefined);
    if (known.length < ranges.length) context.addIssue('not a range');
    return known;
  })
  .default([]);

const Sender = z
  .string()
  .transform((text) => {
    const [, name = '', address = text] = /^([^<>",;:@\p{Cc}]+)<([^<>]+)>$/u.exec(text) ?? [];
    return { name: name.trim(), address: address.trim() };
  })
  .pipe(z.object({ name: z.string(), address: z.email() }));

const Variables = z.object({
  HOST: z
    .string()
    .regex(/^[\w.:-]+$/)
    .default('127.0.0.1'),
  PORT: z
    .string()
    .regex(/^\d{1,5}$/)
    .transform(Number)
    .pipe(z.number().max(65_535))
    .default(4000),
  PUBLIC_URL: z
    .string()
    .refine(isOrigin)
    .transform((text) => new URL(text).origin)
    .optional(),
  DATABASE_URL: z
    .string()
    .refine((text) => isUrl(text, ['postgres:', 'postgresql:']))
    .optional(),
  REDIS_URL: z
    .string()
    .transform(list)
    .refine((urls) => urls.every((url) => isUrl(url, ['redis:', 'rediss:'])))
    .default([]),
  DATA_DIR: z
    .string()
    .refine((path) => !path.includes('\0'))
    .default('.data'),
  AUTH_SECRET: z.string().refine(isRandomEnough).optional(),
  KEY_PREFIX: z
    .string()
    .regex(/^[a-z0-9]{2,12}$/)
    .default('gk'),
  TRUSTED_PROXIES: Ranges,
  SIGNUP: z.enum(['open', 'closed']).default('open'),
  ON_REDIS_LOSS: z.enum(lossModes).default('local'),
  UPSTREAM_URL: z
    .string()
    .refine(isOrigin)
    .transform((text) => new URL(text).origin)
    .optional(),
  UPSTREAM_TIMEOUT_MS: z
    .string()
    .regex(/^\d{1,7}$/)
    .transform(Number)
    .pipe(z.number().min(1).max(3_600_000))
    .default(30_000),
  UPSTREAM_OPENAPI: z.string().refine(isSource).optional(),
  WEBHOOK_ALLOW_CIDRS: Ranges,
  SMTP_URL: z.string().refine(isSmtpUrl).optional(),
  SMTP_FROM: Sender.optional(),
  LOG_LEVEL: z.enum(logLevels).default('info'),
} satisfies Record<Variable, z.ZodType>);

/**
 * Reads the environment. An empty variable counts as not set.
 *
 * @throws StartRefused naming every variable that is wrong and what it takes, a line each
 */
export function readConfig(env: Environment): Config {
  const given = givenIn(env);
  const read = Variables.safeParse(given);
  const wrong = new Set<string>(read.error?.issues.map((issue) => String(issue.path[0])));
  if (given.DATABASE_URL !== undefined && given.AUTH_SECRET === undefined) wrong.add('AUTH_SECRET');
  if (given.SMTP_URL !== undefined && given.SMTP_FROM === undefined) wrong.add('SMTP_FROM');
  if (!read.success || wrong.size > 0) {
    const lines = Object.entries(takes).filter(([name]) => wrong.has(name));
    throw new StartRefused(lines.map(([name, words]) => `${name} takes ${words}.`).join('\n'));
  }
  const { SMTP_URL: smtpUrl, SMTP_FROM: from, ...values } = read.data;
  return {
    host: values.HOST,
    port: values.PORT,
    publicUrl: values.PUBLIC_URL,
    databaseUrl: values.DATABASE_URL,
    redisUrls: values.REDIS_URL,
    dataDir: values.DATA_DIR,
    authSecret: values.AUTH_SECRET,
    keyPrefix: values.KEY_PREFIX,
    trustedProxies: values.TRUSTED_PROXIES,
    signup: values.SIGNUP,
    onRedisLoss: values.ON_REDIS_LOSS,
    upstreamUrl: values.UPSTREAM_URL,
    upstreamTimeoutMs: values.UPSTREAM_TIMEOUT_MS,
    upstreamOpenApi: values.UPSTREAM_OPENAPI,
    webhookAllowCidrs: values.WEBHOOK_ALLOW_CIDRS,
    smtp: smtpUrl === undefined || from === undefined ? undefined : { url: smtpUrl, from },
    logLevel: values.LOG_LEVEL,
  };
}

function givenIn(env: Environment): Environment {
  return Object.fromEntries(Object.entries(env).filter(([, value]) => value !== undefined && value !== ''));
}

/** Reads this process's own environment. @param usual  instead of the defaults @throws StartRefused */
export function environmentConfig(usual: Environment = {}): Config {
  return readConfig({ ...usual, ...givenIn(process.env) });
}
