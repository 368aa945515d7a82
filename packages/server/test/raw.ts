/** Requests byte for byte, for what an HTTP client would put right before it sends it. */
import { connect } from 'node:net';
import { buffer } from 'node:stream/consumers';

export interface RawAnswer {
  /** 0 when there is none. */
  readonly status: number;
  /** By name in lower case. */
  readonly headers: ReadonlyMap<string, string>;
  readonly body: string;
}

export interface RawRequest {
  readonly method?: string;
  readonly target: string;
  /** Whole lines, each character a byte. */
  readonly headers?: readonly string[];
  readonly body?: string;
}

/** Sends a request and reads until the server closes the connection. */
export async function sendRaw(url: string, { method = 'GET', target, headers = [], body = '' }: RawRequest) {
  const { hostname, port, host } = new URL(url);
  const length = body === '' ? [] : [`Content-Length: ${Buffer.byteLength(body)}`];
  const lines = [`${method} ${target} HTTP/1.1`, `Host: ${host}`, 'Connection: close', ...length, ...headers];
  const socket = connect(Number(port), hostname);
  socket.write(Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1'));
  socket.write(body);
  return read((await buffer(socket)).toString());
}

function read(text: string): RawAnswer {
  const [head = '', ...rest] = text.split('\r\n\r\n');
  const [first = '', ...lines] = head.split('\r\n');
  const headers = new Map(
    lines.map((line) => [line.split(':', 1)[0]?.toLowerCase() ?? '', line.replace(/^.*?: */, '')]),
  );
  return { status: Number(first.split(' ')[1] ?? 0), headers, body: rest.join('\r\n\r\n') };
}

/** The code of a problem in an answer; undefined where it holds none. */
export const codeIn = ({ body }: RawAnswer): string | undefined => /"code":"(\w+)"/.exec(body)?.[1];
