/**
 * Load: a program that asks one path over kept connections, each with one question at a time, and says what it saw.
 *
 * Raw sockets and prepared requests, so that it is not what is measured. An answer with another status than expected
 * ends it at once.
 */
import { once } from 'node:events';
import { connect } from 'node:net';
import { setPriority } from 'node:os';

export interface LoadOptions {
  readonly url: string;
  readonly path: string;
  /** Chosen from at random for each request. Empty = none is sent. */
  readonly authorizations: readonly string[];
  /** Name of the header that carries it. */
  readonly header: string;
  readonly connections: number;
  readonly seconds: number;
  readonly status: number;
}
export interface LoadResult {
  readonly requests: number;
  readonly perSecond: number;
  /** Median time to the answer, ms. */
  readonly p50: number;
}

const options: LoadOptions = (await once(process, 'message'))[0];
const { hostname, port } = new URL(options.url);
const start = `GET ${options.path} HTTP/1.1\r\nHost: ${hostname}:${port}\r\n`;
const requests =
  options.authorizations.length === 0
    ? [`${start}\r\n`]
    : options.authorizations.map((value) => `${start}${options.header}: ${value}\r\n\r\n`);
const buffers = requests.map((text) => Buffer.from(text));
const expected = `HTTP/1.1 ${options.status} `;

/**
 * Never sleeps: waking a process costs the one who writes to it, and that would be told of a quick server as its own. What
 * is measured comes first, though.
 */
const stayAwake = () => {
  if (open > 0) setImmediate(stayAwake);
};

const times: number[] = [];
const startedAt = performance.now();
const endsAt = startedAt + options.seconds * 1000;
let open = options.connections;
setPriority(10);
setImmediate(stayAwake);

for (let index = 0; index < options.connections; index++) {
  const socket = connect(Number(port), hostname);
  let answer = '';
  let askedAt = 0;
  const ask = () => {
    askedAt = performance.now();
    socket.write(buffers[Math.floor(Math.random() * buffers.length)] ?? '');
  };
  socket.setNoDelay(true);
  socket.on('connect', ask);
  socket.on('error', (error) => fail(String(error)));
  socket.on('close', () => open > 0 && performance.now() < endsAt && fail('the server closed a connection'));
  socket.on('data', (data) => {
    answer += data.toString('latin1');
    const head = answer.indexOf('\r\n\r\n');
    if (head === -1) return;
    const length = Number(/content-length: (\d+)/i.exec(answer)?.[1]);
    if (answer.length < head + 4 + length) return;
    if (!answer.startsWith(expected)) return fail(`expected ${options.status}, got: ${answer.slice(0, 300)}`);
    answer = '';
    const now = performance.now();
    times.push(now - askedAt);
    if (now < endsAt) return ask();
    open -= 1;
    socket.destroy();
    if (open === 0) finish();
  });
}

function finish(): void {
  const seconds = (performance.now() - startedAt) / 1000;
  const sorted = Float64Array.from(times).sort();
  const result: LoadResult = {
    requests: times.length,
    perSecond: times.length / seconds,
    p50: sorted[sorted.length >> 1] ?? Number.NaN,
  };
  process.send?.(result, () => process.exit(0));
}

function fail(reason: string): void {
  console.error(`${options.path}: ${reason}`);
  process.exit(1);
}
