/**
 * Tunnel: an upgrade to WebSocket, carried through. From the upstream's 101 on both sides speak to each other byte for
 * byte; any other answer of it is passed on as it is.
 *
 * @see RFC 9110 section 7.8, RFC 6455 section 4
 */
import { type ClientRequest, type IncomingMessage, request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { beginAnswer } from './fields.ts';

/** The upstream did not begin to answer in time. */
export class TimedOut extends Error {}

const keepAliveMs = 60_000;

interface Needs {
  /** On a socket that nothing else reads. */
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
  /** For the upstream: name, value, name, value … */
  readonly headers: readonly string[];
  readonly url: URL;
  readonly path: string;
  /** How long the upstream may take to answer, ms. */
  readonly timeoutMs: number;
  /** Is given how to end the tunnel; what it returns is called when it has ended. */
  readonly hold: (end: () => void) => () => void;
}

/** Opens it. @throws when the upstream cannot be asked or is late */
export async function openTunnel({ request, reply, headers, url, path, timeoutMs, hold }: Needs): Promise<void> {
  const client = request.raw.socket;
  const asked = (url.protocol === 'https:' ? requestHttps : requestHttp)(url, {
    method: 'GET',
    path,
    headers: ['host', url.host, 'connection', 'Upgrade', 'upgrade', 'websocket', ...headers],
    // The socket becomes the tunnel, so it is nobody else's.
    agent: false,
  });
  const left = () => asked.destroy();
  client.once('close', left);
  const answered = await answerTo(asked, timeoutMs).finally(() => client.off('close', left));
  if (answered.upstream === undefined) {
    beginAnswer(reply, answered.answer.statusCode ?? 502, answered.answer.headers);
    return pipeline(answered.answer, reply.raw);
  }
  const { upstream, answer } = answered;
  if (client.destroyed) return void upstream.destroy();
  reply.raw.setHeader('connection', 'Upgrade').setHeader('upgrade', 'websocket');
  beginAnswer(reply, 101, answer.headers);
  reply.raw.end();
  join(client, upstream, hold);
}

type Answered =
  | { readonly answer: IncomingMessage; readonly upstream: Duplex }
  | { readonly answer: IncomingMessage; readonly upstream: undefined };

function answerTo(asked: ClientRequest, timeoutMs: number): Promise<Answered> {
  const { promise, resolve, reject } = Promise.withResolvers<Answered>();
  const late = setTimeout(() => asked.destroy(new TimedOut('the upstream does not answer')), timeoutMs);
  asked.once('upgrade', (answer, upstream, head) => {
    if (head.length > 0) upstream.unshift(head);
    resolve({ answer, upstream });
  });
  asked.once('response', (answer) => resolve({ answer, upstream: undefined }));
  asked.once('error', reject);
  asked.end();
  return promise.finally(() => clearTimeout(late));
}

/** What is said on one side is said on the other, as fast as it listens; where one ends, both do. */
function join(client: Duplex, upstream: Duplex, hold: Needs['hold']): void {
  const end = () => {
    client.destroy();
    upstream.destroy();
  };
  const over = hold(end);
  for (const side of [client, upstream]) {
    // Both may be silent for as long as they like; one that is gone is found out by TCP.
    if (side instanceof Socket) side.setKeepAlive(true, keepAliveMs);
    side.on('error', end);
    side.once('close', () => {
      end();
      over();
    });
  }
  client.pipe(upstream).pipe(client);
}
