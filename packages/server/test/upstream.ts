/** An API behind the gateway that behaves as its paths say, and remembers what reached it. */
import { EventEmitter, once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { WebSocketServer } from 'ws';

/** A request as it came in. */
export interface Received {
  readonly method: string;
  readonly url: string;
  /** Name, value, name, value … as sent. */
  readonly rawHeaders: readonly string[];
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

export interface Upstream {
  readonly url: string;
  /** All so far, or since `forget`. */
  readonly received: readonly Received[];
  /** The next request that is left open, by `/hang`, `/events` or an upgrade; `left` resolves when its client has gone. */
  nextOpen(): Promise<{ readonly left: Promise<unknown> }>;
  forget(): void;
  stop(): Promise<void>;
}

/** Bytes of `/download`, and what `/upload` is given in the tests. */
export const largeBytes = 100 * 1024 * 1024;

/** 100 MB, made as they are read. */
export function largeBody(): Readable {
  const chunk = Buffer.alloc(64 * 1024, 'x');
  return Readable.from(
    (function* () {
      for (let sent = 0; sent < largeBytes; sent += chunk.length) yield chunk;
    })(),
    { objectMode: false },
  );
}

/** Starts one on a free port. */
export async function testUpstream(port = 0): Promise<Upstream> {
  let received: Received[] = [];
  const opened = new EventEmitter();
  const leaveOpen = (side: EventEmitter) => opened.emit('open', { left: once(side, 'close') });
  const answers: Record<string, (request: IncomingMessage, response: ServerResponse) => unknown> = {
    async echo(request, response) {
      let body = '';
      for await (const chunk of request) body += chunk;
      const { method = '', url = '', rawHeaders, headers } = request;
      received.push({ method, url, rawHeaders, headers, body });
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ method, url, body }));
    },
    async upload(request, response) {
      let bytes = 0;
      for await (const chunk of request) bytes += chunk.length;
      response.end(String(bytes));
    },
    download: (_request, response) => pipeline(largeBody(), response).catch(() => {}),
    hang: (_request, response) => leaveOpen(response),
    reset: (request) => request.socket.resetAndDestroy(),
    early: (_request, response) => response.writeHead(413).end('too much'),
    short(_request, response) {
      response.writeHead(200, { 'content-length': '100' });
      response.write('only this', () => response.socket?.destroy());
    },
    long: ({ socket }) => socket.end('HTTP/1.1 200 OK\r\nContent-Length: 4\r\nConnection: close\r\n\r\nfour and more'),
    garbage: ({ socket }) => socket.end('this is no HTTP\r\n\r\n'),
    both: ({ socket }) =>
      socket.end('HTTP/1.1 200 OK\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n'),
    claims: (_request, response) =>
      response
        .writeHead(429, {
          'Gatekey-Decision': 'admitted, says the upstream',
          'gatekey-anything': 'x',
          RateLimit: '"mine";r=0;t=1',
          'RateLimit-Policy': '"mine";q=1;w=1',
          'Request-Id': 'mine',
          'Retry-After': '7',
          'WWW-Authenticate': 'Basic realm="behind"',
          'X-Frame-Options': 'SAMEORIGIN',
          'Set-Cookie': ['a=1; Path=/', 'gatekey.session_token=stolen; Path=/', '__Secure-gatekey.x=1', 'b=2'],
          Connection: 'X-Hop',
          'X-Hop': 'x',
          'X-Plain': 'caf\u00c3\u00a9',
        })
        .end('theirs'),
    events(_request, response) {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write('data: 1\n\n');
      leaveOpen(response);
    },
  };
  const server = createServer((request, response) => {
    const word = /\/(\w+)(?:\?|$)/.exec(request.url ?? '')?.[1] ?? '';
    const status = Number(word);
    if (status > 0) return void response.writeHead(status).end(status === 204 ? undefined : `a ${status}`);
    (answers[word] ?? answers.echo)?.(request, response);
  });
  const sockets = new WebSocketServer({ noServer: true });
  server.on('upgrade', (request, socket, head) => {
    if (request.url?.endsWith('/refused')) {
      return void socket.end('HTTP/1.1 418 No\r\nContent-Length: 6\r\n\r\nno tea');
    }
    const { method = '', url = '', rawHeaders, headers } = request;
    received.push({ method, url, rawHeaders, headers, body: '' });
    sockets.handleUpgrade(request, socket, head, (client) => {
      client.on('message', (data, isBinary) => client.send(data, { binary: isBinary }));
      leaveOpen(client);
      client.send('welcome');
    });
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return {
    url: `http://127.0.0.1:${address.port}`,
    get received() {
      return received;
    },
    nextOpen: async () => (await once(opened, 'open'))[0],
    forget() {
      received = [];
    },
    async stop() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      for (const client of sockets.clients) client.terminate();
      await closed;
    },
  };
}
