/**
 * Listener: the HTTP server, bound before anything else is started.
 *
 * So a port that is taken is told at once, and the port is known to all that is built on it. Until `serve` is called it
 * answers 503, as a server that is starting does.
 */
import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http';
import { StartRefused } from './start-refused.ts';

export interface Listener {
  readonly server: Server;
  readonly port: number;
  /** Hands requests over from now on. */
  serve(handler: RequestListener): void;
  /** Takes no new connection, lets requests finish, and ends idle connections. */
  close(): Promise<void>;
}

/** @throws StartRefused when the address cannot be had */
export async function listen(host: string, port: number): Promise<Listener> {
  let handler: RequestListener = sayStarting;
  const server = createServer((request, response) => handler(request, response));
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
    close() {
      const closed = Promise.withResolvers<void>();
      server.close(() => closed.resolve());
      server.closeIdleConnections();
      return closed.promise;
    },
  };
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
