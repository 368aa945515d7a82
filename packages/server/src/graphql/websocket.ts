/**
 * GraphQL over WebSocket (`graphql-transport-ws`).
 *
 * A session comes as the cookie of a page of ours, a key as `connectionParams: { authorization: "Bearer …" }` or, from
 * programs that can, as the `Authorization` of the upgrade; one of these, as on every door. Opening costs a key nothing;
 * each operation is a call like any other. Whoever may not come in is closed with 4401 (who are you?) or 4403 (not you),
 * two credentials with 4400, and with 1013 where that cannot be told at the moment. Who has come in and loses the right
 * to it is closed too: a key with 4403, a session that is over with 4401.
 */
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { problems } from '@gatekey/shared';
import { GraphQLError } from 'graphql';
import { CloseCode, type Context as SocketContext } from 'graphql-ws';
import { type Extra, useServer } from 'graphql-ws/use/ws';
import { WebSocketServer } from 'ws';
import type { Config } from '../config.ts';
import { authorizationFields } from '../guard/answer.http.ts';
import { clientAddress, forwardedFor } from '../guard/client-address.ts';
import type { StreamEnd } from '../guard/holders.ts';
import type { Streams } from '../guard/streams.ts';
import type { Clock } from '../kernel/clock.ts';
import type { NewId } from '../kernel/id.ts';
import type { Listener } from '../kernel/listener.http.ts';
import type { KeyUse } from '../keys/seen.ts';
import type { RequestNotes } from '../requests/requests.ts';
import type { Engine } from './engine.ts';
import { endWithRight, noteUse } from './entered.ts';
import type { Entrance, Entry } from './entrance.ts';
import { sendNext } from './next-messages.ts';

interface Needs {
  readonly engine: Engine;
  readonly entrance: Entrance;
  readonly streams: Streams;
  readonly requests: RequestNotes;
  readonly keyUse: KeyUse;
  readonly clock: Clock;
  readonly newId: NewId;
  readonly trustedProxies: Config['trustedProxies'];
  readonly allowedOrigins: readonly string[];
}

const largestMessageBytes = 64 * 1024;
const mostSubscriptions = 50;
const keepAliveMs = 10_000;
/** How long a client may take to answer that its connection is closed, ms. */
const closingMs = 1_000;
/** Going away: clients come back by themselves. */
const goingAway = 1001;
/** The answer cannot be had at the moment: clients come back by themselves. */
const tryAgainLater = 1013;

type Socket = SocketContext<Record<string, unknown> | undefined, Extra>;

export interface WebSocketDoor {
  /** Tells every client to come back elsewhere. */
  close(): Promise<void>;
}

/** Answers upgrades to `/graphql`, and hands all others back. */
export function addGraphqlWebSocket(listener: Listener, needs: Needs): WebSocketDoor {
  const { engine, entrance, streams, newId, trustedProxies, allowedOrigins } = needs;
  const sockets = new WebSocketServer({ noServer: true, maxPayload: largestMessageBytes });

  const addressOf = ({ extra: { request } }: Socket) =>
    clientAddress(request.socket.remoteAddress, forwardedFor(request), trustedProxies);
  const enter = (ctx: Socket, isFree: boolean): Promise<Entry> => {
    const { request } = ctx.extra;
    return entrance.enter({
      authorization: [...authorizationFields(request), ...authorizationParams(ctx.connectionParams)],
      headers: headersOf(request),
      address: addressOf(ctx),
      isFree,
    });
  };

  const closing = useServer(
    {
      onConnect: async (ctx: Socket) => {
        const entry = await enter(ctx, true);
        const { socket } = ctx.extra;
        if (entry.kind === 'key' || (entry.kind === 'user' && entry.caller.actor !== undefined)) {
          // One that was closed meanwhile would never say so.
          if (socket.readyState !== socket.OPEN) return false;
          const onClose = endWithRight(streams, entry, (why) => socket.close(endCodeOf(why), why));
          socket.once('close', onClose);
          return true;
        }
        socket.close(closeCodeOf(entry), reasonOf(entry));
        return false;
      },
      onSubscribe: async (ctx: Socket, _id, payload) => {
        if (Object.keys(ctx.subscriptions).length > mostSubscriptions) {
          return [
            new GraphQLError(`At most ${mostSubscriptions} operations at a time.`, {
              extensions: { code: 'QUERY_TOO_COMPLEX' },
            }),
          ];
        }
        const startedAt = performance.now();
        const requestId = newId('request');
        const entry = await enter(ctx, false);
        noteUse(needs, entry, {
          ...{
            id: requestId,
            method: 'GET',
            address: addressOf(ctx),
            userAgent: field(ctx.extra.request, 'user-agent'),
          },
          status: 101,
          durationMs: performance.now() - startedAt,
        });
        if (entry.kind === 'refused') return [refusalError(entry)];
        if (entry.kind === 'foreign')
          return [new GraphQLError(entry.problem.detail, { extensions: { code: 'FORBIDDEN' } })];
        const { schema, execute, subscribe, contextFactory, parse, validate } = engine.getEnveloped({
          caller: entry.caller,
          requestId,
        });
        let document: ReturnType<typeof parse>;
        try {
          document = parse(payload.query);
        } catch (error) {
          if (error instanceof GraphQLError) return [error];
          throw error;
        }
        const errors = validate(schema, document);
        if (errors.length > 0) return errors;
        return {
          schema,
          document,
          operationName: payload.operationName,
          variableValues: payload.variables,
          contextValue: await contextFactory(),
          rootValue: new Enveloped(execute, subscribe),
        };
      },
      onOperation: (ctx: Socket, id, _payload, _args, result) =>
        Symbol.asyncIterator in result ? sendNext(ctx.extra.socket, id, result) : undefined,
      execute: (args) => envelopedOf(args.rootValue).execute(args),
      subscribe: (args) => envelopedOf(args.rootValue).subscribe(args),
    },
    sockets,
    keepAliveMs,
  );

  listener.server.on('upgrade', (request, socket, head) => {
    // Node leaves the socket to us, and a client that resets it must not end the process.
    socket.on('error', () => socket.destroy());
    if (request.url?.split('?', 1)[0] !== '/graphql') return listener.answerPlainly(request, socket, head);
    const { origin } = request.headers;
    if (origin !== undefined && !allowedOrigins.includes(origin)) return refuseUpgrade(socket, '403 Forbidden');
    sockets.handleUpgrade(request, socket, head, (client) => sockets.emit('connection', client, request));
  });

  return {
    async close() {
      for (const client of sockets.clients) client.close(goingAway, 'Going away');
      const late = setTimeout(() => {
        for (const client of sockets.clients) client.terminate();
      }, closingMs);
      await closing.dispose();
      clearTimeout(late);
    },
  };
}

type Functions = ReturnType<Engine['getEnveloped']>;

/** The engine's own functions for one operation, which mask errors as over HTTP; carried from `onSubscribe` on. */
class Enveloped {
  readonly execute: Functions['execute'];
  readonly subscribe: Functions['subscribe'];

  constructor(execute: Functions['execute'], subscribe: Functions['subscribe']) {
    this.execute = execute;
    this.subscribe = subscribe;
  }
}

function envelopedOf(rootValue: unknown): Enveloped {
  if (rootValue instanceof Enveloped) return rootValue;
  throw new Error('an operation ran that did not come through onSubscribe');
}

function refuseUpgrade(socket: Duplex, status: string): void {
  socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
}

/** What the client gives as `authorization`; of another type than text it is no secret. */
function authorizationParams(params: Readonly<Record<string, unknown>> | undefined): string[] {
  const given = params?.authorization ?? undefined;
  if (given === undefined) return [];
  return [typeof given === 'string' ? given : 'not text'];
}

function headersOf(request: IncomingMessage): Headers {
  const headers = new Headers();
  for (const name of ['cookie', 'origin', 'user-agent']) {
    const value = field(request, name);
    if (value !== undefined) headers.set(name, value);
  }
  return headers;
}

function field(request: IncomingMessage, name: string): string | undefined {
  const value = request.headers[name];
  return Array.isArray(value) ? value.join(',') : value;
}

function closeCodeOf(entry: Entry): number {
  if (entry.kind === 'foreign') return CloseCode.Forbidden;
  if (entry.kind !== 'refused') return CloseCode.Unauthorized;
  const { status } = problems[entry.decision.refusal.code];
  if (status === 503) return tryAgainLater;
  if (status === 400) return CloseCode.BadRequest;
  return status === 401 ? CloseCode.Unauthorized : CloseCode.Forbidden;
}

function endCodeOf(why: StreamEnd): number {
  if (why === 'unavailable') return tryAgainLater;
  return why === 'unauthenticated' ? CloseCode.Unauthorized : CloseCode.Forbidden;
}

function reasonOf(entry: Entry): string {
  return entry.kind === 'refused' ? entry.decision.refusal.code : 'Unauthorized';
}

function refusalError({ decision: { refusal } }: Extract<Entry, { kind: 'refused' }>): GraphQLError {
  return new GraphQLError(refusal.detail, {
    extensions: {
      code: errorCodeOf(problems[refusal.code].status),
      reason: refusal.code,
      ...(refusal.spent === undefined ? {} : { retryAfter: refusal.spent.retryAfterSeconds }),
    },
  });
}

function errorCodeOf(status: number): string {
  if (status === 503) return 'INTERNAL_SERVER_ERROR';
  return status === 401 ? 'UNAUTHENTICATED' : 'FORBIDDEN';
}
