/** Receivers: where the demo's webhooks go, on this machine alone: one that takes them, and one that is down. */
import { once } from 'node:events';
import { createServer } from 'node:http';

/** What each answers. */
export const answers = {
  '/operations': { status: 200, body: '{"ok":true}' },
  '/billing': { status: 503, body: '{"error":"The billing system is being moved. Try again later."}' },
} as const;
export type ReceiverPath = keyof typeof answers;

export interface Receivers {
  urlOf(path: ReceiverPath): string;
  close(): void;
}

/** Starts them on a free port. */
export async function startReceivers(): Promise<Receivers> {
  const server = createServer((request, response) => {
    request.resume();
    const answer = Object.entries(answers).find(([path]) => path === request.url)?.[1];
    const { status, body } = answer ?? { status: 404, body: '' };
    request.once('end', () => response.writeHead(status, { 'content-type': 'application/json' }).end(body));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = address === null || typeof address === 'string' ? 0 : address.port;
  return {
    urlOf: (path) => `http://127.0.0.1:${port}${path}`,
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}
