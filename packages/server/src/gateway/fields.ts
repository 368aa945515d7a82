/**
 * Fields: which fields go on to the upstream, and which come back.
 *
 * Names are compared in lower case and with `-` for `_`, for many frameworks read `GATEKEY_KEY_ID` as `Gatekey-Key-Id`.
 */
import type { OutgoingHttpHeader } from 'node:http';
import type { FastifyReply } from 'fastify';
import { isOwnCookie } from '../accounts/accounts.ts';

/** Of one connection only. @see RFC 9110 section 7.6.1 */
const ofConnection: ReadonlySet<string> = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

/** What the gateway says itself, or has answered already. */
const notForUpstream: ReadonlySet<string> = new Set([
  ...ofConnection,
  'authorization',
  'proxy-authorization',
  'expect',
  'forwarded',
  'host',
  'via',
  'x-forwarded-for',
  'x-forwarded-host',
  'x-forwarded-proto',
  'x-real-ip',
]);

/** What an answer of ours says of the guard and of this server, whatever the upstream says of itself. */
const notForClient: ReadonlySet<string> = new Set([
  ...ofConnection,
  'ratelimit',
  'ratelimit-policy',
  'x-ratelimit-limit',
  'x-ratelimit-remaining',
  'x-ratelimit-reset',
  'request-id',
]);

const oursBegin = 'gatekey-';

/**
 * The fields of a request that go on, as they came, and then those that are ours.
 *
 * @param rawHeaders  name, value, name, value …
 * @returns the same shape
 */
export function requestFields(rawHeaders: readonly string[], ours: Readonly<Record<string, string>>): string[] {
  const named = namedByConnection(rawHeaders);
  const fields: string[] = [];
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = rawHeaders[i] ?? '';
    const value = rawHeaders[i + 1] ?? '';
    const known = name.toLowerCase().replaceAll('_', '-');
    if (known.startsWith(oursBegin) || notForUpstream.has(known) || named?.has(known) === true) continue;
    if (known !== 'cookie') fields.push(name, value);
    else {
      const cookies = value.split(';').filter((cookie) => !isOwnCookie(cookie.trim()));
      if (cookies.length > 0) fields.push(name, cookies.join(';').trim());
    }
  }
  for (const name in ours) fields.push(name, ours[name] ?? '');
  return fields;
}

type AnswerFields = Readonly<Record<string, string | string[] | undefined>>;

/**
 * Writes the head of an answer, whose body is then the caller's to write: past Fastify, which would read it once more.
 *
 * @param headers  the upstream's; those that are its to say go on
 * @throws when the status is none of HTTP, which is a fault of the upstream
 */
export function beginAnswer(reply: FastifyReply, status: number, headers: AnswerFields): void {
  reply.code(status);
  const { connection } = headers;
  const named = connection === undefined || isPlain(connection) ? undefined : namesIn(String(connection));
  const isTheirs = (name: string) =>
    headers[name] !== undefined && !notForClient.has(name) && !name.startsWith(oursBegin) && named?.has(name) !== true;
  const fields: OutgoingHttpHeader[] = [];
  const add = (name: string, value: OutgoingHttpHeader | undefined) => {
    if (value !== undefined) fields.push(name, value);
  };
  const ours = reply.getHeaders();
  for (const name in ours) if (!isTheirs(name)) add(name, ours[name]);
  for (const name in headers)
    if (isTheirs(name)) add(name, name === 'set-cookie' ? foreign(headers[name]) : headers[name]);
  reply.raw.writeHead(status, fields);
  reply.hijack();
}

/** Nobody but this server signs people in to it. */
function foreign(cookies: string | string[] | undefined): string[] | undefined {
  const kept = [cookies ?? []].flat().filter((cookie) => !isOwnCookie(cookie));
  return kept.length > 0 ? kept : undefined;
}

/** What nearly every answer says of its connection, and which names no field. */
function isPlain(connection: string | string[]): boolean {
  return connection === 'keep-alive' || connection === 'close';
}

/** What a client may not have taken away are `Content-Length` and the like: those that frame the message. */
function namedByConnection(rawHeaders: readonly string[]): ReadonlySet<string> | undefined {
  let names: Set<string> | undefined;
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = rawHeaders[i];
    if (name?.length !== 10 || name.toLowerCase() !== 'connection') continue;
    names ??= new Set();
    for (const one of namesIn(rawHeaders[i + 1] ?? '')) names.add(one);
  }
  names?.delete('content-length');
  return names;
}

function namesIn(connection: string): Set<string> {
  return new Set(connection.split(',').map((name) => name.trim().toLowerCase().replaceAll('_', '-')));
}
