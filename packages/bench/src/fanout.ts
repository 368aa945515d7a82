/**
 * Fan-out: a program that holds many subscriptions over WebSocket and says how late their ticks came.
 *
 * A tick tells by `at` when the server read or published it; both run on this machine, so the difference to the moment
 * when its bytes are here is how long it was under way: execution, sockets, and the queue of whoever comes before.
 */
import { once } from 'node:events';
import { WebSocket } from 'ws';

export interface FanoutOptions {
  readonly url: string;
  /** One for each subscription. */
  readonly subscriptions: readonly {
    readonly query: string;
    readonly variables: object;
    readonly authorization?: string;
  }[];
  readonly warmSeconds: number;
  readonly seconds: number;
}
export interface FanoutResult {
  readonly messages: number;
  readonly p50: number;
  readonly p99: number;
}

const options: FanoutOptions = (await once(process, 'message'))[0];
const atOnce = 100;
const delays: number[] = [];
let isCounting = false;

// A few at a time: how many may come in at once is not what is measured.
for (let start = 0; start < options.subscriptions.length; start += atOnce) {
  await Promise.all(options.subscriptions.slice(start, start + atOnce).map(open));
}
process.send?.('open');
setTimeout(() => {
  isCounting = true;
  process.send?.('counting');
  setTimeout(finish, options.seconds * 1000);
}, options.warmSeconds * 1000);

function open({ query, variables, authorization }: FanoutOptions['subscriptions'][number]): Promise<void> {
  const socket = new WebSocket(options.url, 'graphql-transport-ws', { perMessageDeflate: false });
  return new Promise((resolve, reject) => {
    socket.on('error', reject);
    socket.on('close', (code) => {
      console.error(`a subscription was closed with ${code}`);
      process.exit(1);
    });
    socket.on('open', () => {
      socket.send(JSON.stringify({ type: 'connection_init', payload: authorization ? { authorization } : {} }));
    });
    socket.on('message', (data) => {
      const receivedAt = Date.now();
      const text = String(data);
      if (text.startsWith('{"type":"connection_ack"')) {
        socket.send(JSON.stringify({ id: '1', type: 'subscribe', payload: { query, variables } }));
        return resolve();
      }
      if (text.startsWith('{"type":"ping"')) return socket.send('{"type":"pong"}');
      const [, at] = /"at":"([^"]+)"/.exec(text) ?? [];
      if (at === undefined) {
        console.error(`not a tick: ${text.slice(0, 300)}`);
        process.exit(1);
      }
      if (isCounting) delays.push(receivedAt - Date.parse(at));
    });
  });
}

function finish(): void {
  const sorted = Float64Array.from(delays).sort();
  const at = (share: number) => sorted[Math.floor(sorted.length * share)] ?? Number.NaN;
  const result: FanoutResult = { messages: delays.length, p50: at(0.5), p99: at(0.99) };
  process.send?.(result, () => process.exit(0));
}
