/**
 * Gateway: what is not built in goes on to the operator's own API.
 *
 *   admitted call -> target -> fields -> upstream -> its answer, both bodies streamed
 *
 * Promises: the upstream gets the target and the body byte for byte and never the key; it can tell from `Gatekey-*` whose
 * call it is, for no client can set these. A slow reader slows the other side; nothing is gathered. What ends on one side
 * ends on the other, and a stream ends with the right of its key.
 * Does not decide, does not count, and does not change an answer of the upstream, whatever its status.
 */
import { EventEmitter } from 'node:events';
import { PassThrough } from 'node:stream';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { type Dispatcher, errors, Pool } from 'undici';
import type { Admission } from '../guard/guard.ts';
import type { Streams } from '../guard/streams.ts';
import type { Target } from '../guard/target.ts';
import type { Clock } from '../kernel/clock.ts';
import type { Log } from '../kernel/log.ts';
import { createOutage } from '../kernel/outage.ts';
import { sendProblem } from '../kernel/problem.http.ts';
import { refuse } from '../kernel/problem.ts';
import { beginAnswer, requestFields } from './fields.ts';
import { type Identity, identityFields } from './identity.ts';
import { openTunnel, TimedOut } from './tunnel.http.ts';

/** A call that the guard let in, and where it wants to go. */
export interface Passing {
  readonly admission: Admission;
  /** Canonical text of the client's address. */
  readonly address: string;
  readonly target: Target;
}

export interface Gateway {
  /** Answers a call with what the upstream answers. A body that has begun and breaks off breaks off for the client too. */
  forward(request: FastifyRequest, reply: FastifyReply, passing: Passing): Promise<void>;
  /** Ends every event stream and tunnel, so that their clients come back elsewhere. */
  endStreams(): void;
  /** Ends the connections to the upstream. */
  close(): Promise<void>;
}

interface Needs {
  /** Origin of the upstream. */
  readonly upstreamUrl: string;
  /** How long an upstream may take until it begins to answer, ms. */
  readonly timeoutMs: number;
  readonly identity: Identity;
  readonly streams: Streams;
  readonly clock: Clock;
  readonly log: Log;
  readonly publicUrl: string;
}

/** A connection that was ended while it was idle fails within a round trip; what takes longer broke off in the work, ms. */
const staleMs = 100;

/** Opens the way to the upstream; it need not be there yet. */
export function createGateway({ upstreamUrl, timeoutMs, identity, streams, clock, log, publicUrl }: Needs): Gateway {
  // A connection for each call that is on its way: as many as there are clients, and none waits for another.
  const pool = new Pool(upstreamUrl, {
    headersTimeout: timeoutMs,
    // An event stream may be silent for as long as it likes. A peer that is gone is found out by TCP.
    bodyTimeout: 0,
    connect: { timeout: timeoutMs },
  });
  const withoutUpstream = createOutage({ log, clock, what: 'the upstream' });
  const open = new Set<() => void>();
  const { host, protocol } = new URL(publicUrl);
  const proto = protocol.slice(0, -1);

  const fieldsFor = async ({ id, raw }: FastifyRequest, { admission, address }: Passing) =>
    requestFields(raw.rawHeaders, {
      ...(await identityFields(identity, admission.key, id)),
      'x-forwarded-for': address,
      'x-forwarded-host': raw.headers.host ?? host,
      'x-forwarded-proto': proto,
      via: '1.1 gatekey',
    });

  /** Keeps what stays open until it ends: by itself, with the right of its key, or with the server. */
  const keep = ({ admission: { key, secretHash }, address }: Passing, end: () => void): (() => void) => {
    const over = streams.ofKey({ workspaceId: key.workspaceId, secretHash, address, scopes: key.scopes }, end);
    open.add(end);
    return () => {
      over();
      open.delete(end);
    };
  };

  const forwardUpgrade = async (request: FastifyRequest, reply: FastifyReply, passing: Passing) => {
    const headers = await fieldsFor(request, passing);
    const url = new URL(upstreamUrl);
    const hold = (end: () => void) => keep(passing, end);
    await openTunnel({ request, reply, headers, url, path: passing.target.raw, timeoutMs, hold });
  };

  const forwardRequest = async (request: FastifyRequest, reply: FastifyReply, passing: Passing) => {
    const { raw } = request;
    const headers = await fieldsFor(request, passing);
    // Nobody is there any more, and nothing will tell of it again.
    if (reply.raw.destroyed) return void reply.hijack();
    const left = new EventEmitter();
    const leave = () => void left.emit('abort');
    reply.raw.once('close', () => reply.raw.writableFinished || leave());
    const hasBody = raw.headers['transfer-encoding'] !== undefined || Number(raw.headers['content-length'] ?? 0) > 0;
    // What the upstream left of a body is read away: the client would never see the answer behind it.
    if (hasBody) reply.raw.once('finish', () => raw.resume());
    const asked = {
      path: passing.target.raw,
      method: raw.method ?? 'GET',
      headers,
      // Not the request itself: an upstream that breaks off would take the client's socket with it, and its answer.
      body: hasBody ? raw.pipe(new PassThrough()) : null,
      signal: left,
    };
    const ask = () =>
      pool.stream(asked, ({ statusCode, headers }) => {
        beginAnswer(reply, statusCode, headers);
        if (isEventStream(headers)) reply.raw.once('close', keep(passing, leave));
        return reply.raw;
      });
    const askedAt = performance.now();
    await ask().catch((error: unknown) => {
      // A connection that the upstream had ended while it was idle. What changes nothing may be asked once more.
      const isStale = error instanceof errors.SocketError && performance.now() - askedAt < staleMs;
      if (!isStale || hasBody || !isSafe(asked.method) || reply.raw.headersSent || reply.raw.destroyed) throw error;
      return ask();
    });
  };

  return {
    async forward(request, reply, passing) {
      try {
        await (isUpgrade(request) ? forwardUpgrade : forwardRequest)(request, reply, passing);
      } catch (error) {
        // Nobody is there any more who could be told.
        if (reply.raw.destroyed) return void reply.hijack();
        withoutUpstream.refused(error);
        sendProblem(reply, publicUrl, refuse(isLate(error) ? 'upstream_timeout' : 'upstream_unavailable').problem);
      }
    },
    endStreams() {
      for (const end of open) end();
    },
    close: () => pool.destroy(),
  };
}

function isSafe(method: string): boolean {
  return method === 'GET' || method === 'HEAD' || method === 'OPTIONS';
}

function isUpgrade({ raw }: FastifyRequest): boolean {
  return 'upgrade' in raw && raw.upgrade === true;
}

function isEventStream({ 'content-type': type }: Dispatcher.ResponseData['headers']): boolean {
  return typeof type === 'string' && type.toLowerCase().startsWith('text/event-stream');
}

function isLate(error: unknown): boolean {
  return (
    error instanceof errors.HeadersTimeoutError ||
    error instanceof errors.ConnectTimeoutError ||
    error instanceof TimedOut
  );
}
