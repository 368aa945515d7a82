/**
 * A line to PostgreSQL that counts the statements which are run over it.
 *
 * @see PostgreSQL, frontend/backend protocol: a first message without a type, then a type byte, a length and the rest
 */
import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';

export interface CountingProxy {
  /** Of the same database, over this line. */
  readonly url: string;
  /** How many statements were begun so far. */
  statements(): number;
  /** Lets everything that the database answers from now on come so much later. */
  delayAnswers(ms: number): void;
  stop(): Promise<void>;
}

/** Opens it. @param to  the URL of the database behind it */
export async function countingProxy(to: string): Promise<CountingProxy> {
  const { hostname, port: named, searchParams } = new URL(to);
  const port = named === '' ? '5432' : named;
  // The server of a test run listens on a Unix socket.
  const directory = searchParams.get('host');
  const behind =
    directory === null ? { host: hostname, port: Number(port) } : { path: `${directory}/.s.PGSQL.${port}` };
  const sockets = new Set<Socket>();
  let statements = 0;
  let delayMs = 0;
  const server = createServer((client) => {
    const database = connect(behind);
    for (const socket of [client, database]) {
      sockets.add(socket);
      const end = () => {
        client.destroy();
        database.destroy();
      };
      socket.on('error', end);
      socket.on('close', end);
    }
    const count = createCount(() => {
      statements += 1;
    });
    client.on('data', count);
    client.pipe(database);
    database.on('data', (data) => {
      if (delayMs === 0) client.write(data);
      else setTimeout(() => client.write(data), delayMs);
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  const url = new URL(to);
  url.searchParams.delete('host');
  url.host = `127.0.0.1:${address.port}`;
  return {
    url: url.href,
    statements: () => statements,
    delayAnswers(ms) {
      delayMs = ms;
    },
    async stop() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

/** Reads what a client sends, in whatever pieces it comes. */
function createCount(onStatement: () => void): (data: Buffer) => void {
  let rest: Buffer = Buffer.alloc(0);
  let typeBytes = 0;
  return (data) => {
    rest = Buffer.concat([rest, data]);
    while (rest.length >= typeBytes + 4) {
      const end = typeBytes + rest.readInt32BE(typeBytes);
      if (rest.length < end) return;
      const type = typeBytes === 0 ? '' : String.fromCharCode(rest.readUInt8(0));
      // A prepared statement is executed, a simple one queried.
      if (type === 'E' || type === 'Q') onStatement();
      typeBytes = 1;
      rest = rest.subarray(end);
    }
  };
}
