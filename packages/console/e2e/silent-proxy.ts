/** A SOCKS proxy between a browser and a server whose open lines can fall silent, as when a router forgets them: nothing closes. */
import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';

export interface SilentProxy {
  /** For the browser. */
  readonly url: string;
  /** Forwards nothing any more on the lines that are open now, and closes none. New ones work. */
  silence(): void;
  stop(): Promise<void>;
}

const noPassword = Buffer.from([5, 0]);
const connected = Buffer.from([5, 0, 0, 1, 0, 0, 0, 0, 0, 0]);

/** Opens it. @param to  the URL of the server, where every line leads whatever the browser asks for */
export async function startSilentProxy(to: string): Promise<SilentProxy> {
  const { hostname, port } = new URL(to);
  const sockets = new Set<Socket>();
  const silent = new WeakSet<Socket>();

  const link = (socket: Socket, other: Socket) => {
    sockets.add(socket);
    socket.on('error', () => socket.destroy());
    socket.on('close', () => {
      sockets.delete(socket);
      if (!silent.has(socket)) other.destroy();
    });
  };
  const proxy = createServer((browser) => {
    const server = connect(Number(port), hostname);
    link(browser, server);
    link(server, browser);
    // A hello and one request, each in one piece from Chromium.
    browser.once('data', () => {
      browser.write(noPassword);
      browser.once('data', () => {
        browser.write(connected);
        browser.pipe(server);
        server.pipe(browser);
      });
    });
  }).listen(0, '127.0.0.1');
  await once(proxy, 'listening');
  const address = proxy.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return {
    url: `socks5://127.0.0.1:${address.port}`,
    silence() {
      for (const socket of sockets) {
        silent.add(socket);
        socket.unpipe();
        socket.pause();
      }
    },
    async stop() {
      for (const socket of sockets) socket.destroy();
      proxy.close();
      await once(proxy, 'close');
    },
  };
}
