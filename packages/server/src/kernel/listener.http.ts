/**
 * Listener: the HTTP server, bound before anything else is started.
 *
 * So a port that is taken is told at once, and the port is known to all that is built on it. Until `serve` is called it
 * answers 503, as a server that is starting does. It ends in two steps: while it drains it still serves, and closed it
 * finishes what has begun.
 */
import { createServer, type IncomingMessage, type RequestListener, type Server, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { StartRefused } from './start-refused.ts';

export interface Listener {
  readonly server: Server;
  readonly port: number;
  /** Hands requests over from now on. */
  serve(handler: RequestListener): void;
  /**
   * Answers a request for an upgrade as the request that it is without it, on a socket that Node has left to us. What the
   * handler says is the end of the connection, or with 101 the beginning of another protocol on it.
   */
  answerPlainly(request: IncomingMessage, socket: Duplex, head: Buffer): void;
  /** Has every answer from now on end its connection: the next request of its client may go elsewhere. */
  drain(): void;
  /**
   * Takes no new connection, ends those that are idle, and lets requests finish for 7 s; then they are cut. Safe to call
   * twice.
   */
  close(): Promise<void>;
}

/** Longer than a request may wait for the database, ms. */
const finishMs = 7_000;
/** When a connection that is silent is asked whether its peer is still there, ms. */
const keepAliveMs = 60_000;
/** How often connections that became idle meanwhile are ended, ms. */
const sweepMs = 50;

/** @throws StartRefused when the address cannot be had */
export async function listen(host: string, port: number): Promise<Listener> {
  let handler: RequestListener = sayStarting;
  let isDraining = false;
  let closed: Promise<void> | undefined;
  const connections = new Set<Socket>();
  const options = {
    // Some clients offer HTTP/2 with every first request (`Upgrade: h2c`), which is to be passed over; so is WebSocket
    // while the server starts: nobody is there yet whom Node could leave the socket to, and it would drop it.
    shouldUpgradeCallback: (request: IncomingMessage): boolean =>
      server.listenerCount('upgrade') > 0 && asksForWebSocket(request),
    keepAlive: true,
    keepAliveInitialDelay: keepAliveMs,
  };
  const server: Server = createServer(options, (request, response) => {
    if (isDraining) response.setHeader('connection', 'close');
    handler(request, response);
  });
  server.on('connection', (socket: Socket) => {
    connections.add(socket);
    socket.once('close', () => connections.delete(socket));
  });
  const listening = Promise.withResolvers<void>();
  server.once('error', listening.reject);
  server.listen({ host, port }, listening.resolve);
  try {
    await listening.promise;
  } catch (error) {
    throw refused(error, host, port);
  }
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server has no port');
  return {
    server,
    port: address.port,
    serve(next) {
      handler = next;
    },
    answerPlainly(request, socket, head) {
      if (!(socket instanceof Socket)) throw new Error('an upgrade came on something that is no socket');
      if (head.length > 0) socket.unshift(head);
      const response = new ServerResponse(request);
      response.shouldKeepAlive = false;
      response.assignSocket(socket);
      response.once('finish', () => {
        response.detachSocket(socket);
        if (response.statusCode !== 101) socket.end();
        // Node says so of its own responses only.
        response.emit('close');
      });
      handler(request, response);
    },
    drain() {
      isDraining = true;
    },
    close() {
      isDraining = true;
      closed ??= finish(server, connections);
      return closed;
    },
  };
}

function asksForWebSocket({ headers }: IncomingMessage): boolean {
  return headers.upgrade?.toLowerCase() === 'websocket';
}

async function finish(server: Server, connections: ReadonlySet<Socket>): Promise<void> {
  const closed = Promise.withResolvers<void>();
  server.close(() => closed.resolve());
  server.closeIdleConnections();
  const sweep = setInterval(() => {
    server.closeIdleConnections();
    // Browsers open connections ahead. One that never said anything is not idle to Node, and would be waited for.
    for (const socket of connections) if (socket.bytesRead === 0) socket.destroy();
  }, sweepMs);
  const late = setTimeout(() => {
    for (const socket of connections) socket.destroy();
  }, finishMs);
  await closed.promise;
  clearInterval(sweep);
  clearTimeout(late);
}

function sayStarting(_request: IncomingMessage, response: ServerResponse): void {
  response.writeHead(503, { 'retry-after': '1', connection: 'close' }).end();
}

function refused(error: unknown, host: string, port: number): unknown {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'EADDRINUSE')
    return new StartRefused(`PORT ${port} on ${host} is taken. Stop what uses it, or set another PORT.`);
  if (code === 'EACCES')
    return new StartRefused(`PORT ${port} needs more rights than this user has. Set another PORT.`);
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND')
    return new StartRefused(`HOST ${host} is no address of this machine.`);
  return error;
}
