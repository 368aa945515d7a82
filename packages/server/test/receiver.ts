/** A receiver of webhooks: remembers what it is sent, and answers as it is told. */
import { createServer, type IncomingHttpHeaders, type Server, type ServerResponse } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';
import { z } from 'zod';

export interface Received {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  /** What the body tells. */
  readonly message: { readonly type: string; readonly timestamp: string; readonly data: Record<string, unknown> };
}

/** How it answers: a status, or whatever the function does. */
export type Answering = number | ((received: Received, response: ServerResponse) => void);

export interface Receiver {
  readonly url: string;
  readonly received: readonly Received[];
  answering: Answering;
  /** Settles when so many that fit have come. */
  until(count: number, fits?: (received: Received) => boolean): Promise<readonly Received[]>;
  stop(): Promise<void>;
}

/** So that webhooks reach receivers on this machine. */
export const allowsLoopback = { WEBHOOK_ALLOW_CIDRS: '127.0.0.0/8' } as const;

const Message = z.object({ type: z.string(), timestamp: z.string(), data: z.record(z.string(), z.unknown()) });
const patienceMs = 15_000;

/** Starts one. */
export async function startReceiver(answering: Answering = 200): Promise<Receiver> {
  const received: Received[] = [];
  const waiting = new Set<() => void>();
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(Buffer.from(chunk));
    const body = Buffer.concat(chunks).toString();
    const message = Message.parse(JSON.parse(body));
    const one = { path: request.url ?? '', headers: request.headers, body, message };
    received.push(one);
    for (const look of [...waiting]) look();
    const { answering } = receiver;
    if (typeof answering === 'number') response.writeHead(answering).end();
    else answering(one, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const receiver: Receiver = {
    url: `http://127.0.0.1:${portOf(server)}/`,
    received,
    answering,
    async until(count, fits = () => true) {
      const found = () => received.filter(fits);
      const enough = new Promise<void>((resolve) => {
        const look = () => {
          if (found().length < count) return;
          waiting.delete(look);
          resolve();
        };
        waiting.add(look);
        look();
      });
      const late = wait(patienceMs, undefined, { ref: false }).then(() => {
        throw new Error(
          `${found().length} of ${count} came: ${received.map(({ message }) => message.type).join(', ')}`,
        );
      });
      await Promise.race([enough, late]);
      return found();
    },
    async stop() {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
  return receiver;
}

/** Where a server listens. */
export function portOf(server: Server): number {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('it listens on no port');
  return address.port;
}
