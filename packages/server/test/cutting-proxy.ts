/** A line to Redis that can be cut after a script has run and before its answer has come. */
import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';

export interface CuttingProxy {
  readonly url: string;
  /** Cuts the line in place of the next so many answers of scripts. */
  cutAnswers(count: number): void;
  stop(): Promise<void>;
}

/** Opens it. @param to  the URL of the Redis behind it */
export async function cuttingProxy(to: string): Promise<CuttingProxy> {
  const { hostname, port } = new URL(to);
  const sockets = new Set<Socket>();
  let cuts = 0;
  const server = createServer((client) => {
    const redis = connect(Number(port), hostname);
    let isScript = false;
    const end = () => {
      client.destroy();
      redis.destroy();
    };
    for (const socket of [client, redis]) {
      sockets.add(socket);
      socket.on('error', end);
      socket.on('close', end);
    }
    client.on('data', (data) => {
      isScript = data.includes('EVAL');
      redis.write(data);
    });
    redis.on('data', (data) => {
      if (!isScript || cuts === 0) return void client.write(data);
      cuts -= 1;
      end();
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return {
    url: `redis://127.0.0.1:${address.port}`,
    cutAnswers(count) {
      cuts = count;
    },
    async stop() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
