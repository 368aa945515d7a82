/**
 * Next messages: results of a subscription on their way into a WebSocket.
 *
 * graphql-ws would make text of a result for each subscriber anew. Subscribers that share an execution get the same
 * result (shared-execution.ts), so it is made once here, and each socket is sent it with the id of its own.
 *
 * @see graphql-transport-ws, message `next`
 */
import type { WebSocket } from 'ws';

/** Texts by result; they go with it. */
const texts = new WeakMap<object, string>();

/**
 * Sends every result, waiting until the socket has taken it: whoever reads slowly gets newer results, not more.
 *
 * @returns what gives nothing but the end, which graphql-ws tells the client. Not a generator: its `return` would wait
 *   for the next result before it ends.
 */
export function sendNext(
  socket: WebSocket,
  id: string,
  results: AsyncIterable<object>,
): AsyncGenerator<never, undefined> {
  const start = `{"id":${JSON.stringify(id)},"type":"next","payload":`;
  const source = results[Symbol.asyncIterator]();
  const ended = { done: true, value: undefined } as const;
  const end = async () => {
    await source.return?.();
    return ended;
  };
  return {
    async next() {
      for (let result = await source.next(); !result.done; result = await source.next()) {
        await send(socket, `${start}${textOf(result.value)}}`);
      }
      return ended;
    },
    return: end,
    throw: end,
    [Symbol.asyncIterator]() {
      return this;
    },
    [Symbol.asyncDispose]: async () => void (await end()),
  };
}

function textOf(result: object): string {
  let text = texts.get(result);
  if (text === undefined) {
    text = JSON.stringify(result);
    texts.set(result, text);
  }
  return text;
}

function send(socket: WebSocket, text: string): Promise<void> {
  return new Promise((resolve, reject) => {
    if (socket.readyState !== socket.OPEN) return resolve();
    socket.send(text, (error) => (error ? reject(error) : resolve()));
  });
}
