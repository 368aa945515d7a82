/** Requests from another address of this machine: on Linux all of 127.0.0.0/8 is ours, so each person can have one. */
import { request } from 'node:http';
import { text } from 'node:stream/consumers';

let addresses = 0;

/** An address of the loopback range that nobody in this process has had before. */
export function newAddress(): string {
  addresses += 1;
  return `127.${1 + (process.pid % 200)}.${addresses >> 8}.${addresses & 255}`;
}

/** Sends JSON by POST from an address. */
export function postFrom(
  address: string,
  url: string,
  headers: Record<string, string>,
  body: object,
): Promise<Response> {
  return new Promise((resolve, reject) => {
    const sent = request(
      url,
      { method: 'POST', localAddress: address, headers: { 'content-type': 'application/json', ...headers } },
      (answer) => {
        const fields = new Headers();
        for (const [name, values] of Object.entries(answer.headersDistinct)) {
          for (const value of values ?? []) fields.append(name, value);
        }
        text(answer).then(
          (content) => resolve(new Response(content, { status: answer.statusCode ?? 0, headers: fields })),
          reject,
        );
      },
    );
    sent.on('error', reject);
    sent.end(JSON.stringify(body));
  });
}
