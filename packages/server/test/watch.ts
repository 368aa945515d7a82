/** A client of a subscription, over WebSocket or SSE, that remembers when each message came. */
import { createClient } from 'graphql-ws';
import { WebSocket } from 'ws';
import { z } from 'zod';

export interface Message {
  /** Epoch ms. */
  readonly receivedAt: number;
  readonly data: unknown;
}

type SseEnd = 'completed' | 'ended' | 'cut';

export interface Watch {
  readonly messages: readonly Message[];
  /** Resolves with the first message, present or to come, that fits. */
  until(fits: (data: unknown) => boolean): Promise<Message>;
  /**
   * Resolves when it is over: with the close code of the WebSocket, or whether the SSE stream was completed, ended without
   * that, or cut.
   */
  readonly ended: Promise<number | SseEnd>;
  close(): Promise<void>;
}

const CloseEvent = z.object({ code: z.number() });
const Payload = z.object({ data: z.unknown().optional(), errors: z.unknown().optional() });

function createRecord() {
  const messages: Message[] = [];
  const waiting = new Set<{
    fits: (data: unknown) => boolean;
    resolve: (message: Message) => void;
    reject: (error: unknown) => void;
  }>();
  return {
    messages,
    add(payload: unknown) {
      const { data, errors } = Payload.parse(payload);
      if (errors !== undefined) throw new Error(JSON.stringify(errors));
      const message = { receivedAt: Date.now(), data };
      messages.push(message);
      for (const one of waiting) {
        if (!one.fits(data)) continue;
        waiting.delete(one);
        one.resolve(message);
      }
    },
    end(error: unknown) {
      for (const one of waiting) one.reject(error);
      waiting.clear();
    },
    until(fits: (data: unknown) => boolean): Promise<Message> {
      const known = messages.find(({ data }) => fits(data));
      if (known !== undefined) return Promise.resolve(known);
      return new Promise((resolve, reject) => waiting.add({ fits, resolve, reject }));
    },
  };
}

/** Subscribes over WebSocket, as the console does with a cookie or a program with a key. */
export function watchSocket(url: string, credential: { cookie: string } | { secret: string }, query: string): Watch {
  const record = createRecord();
  const ended = Promise.withResolvers<number>();
  const headers = 'cookie' in credential ? { cookie: credential.cookie, origin: url } : {};
  class Socket extends WebSocket {
    constructor(address: string, protocols: string | string[]) {
      super(address, protocols, { headers });
    }
  }
  const client = createClient({
    url: `${url.replace('http', 'ws')}/graphql`,
    webSocketImpl: Socket,
    ...('secret' in credential ? { connectionParams: { authorization: `Bearer ${credential.secret}` } } : {}),
    retryAttempts: 0,
    on: { closed: (event) => ended.resolve(CloseEvent.parse(event).code) },
  });
  const stop = client.subscribe(
    { query },
    { next: record.add, error: record.end, complete: () => record.end(new Error('completed')) },
  );
  return {
    messages: record.messages,
    until: record.until,
    ended: ended.promise,
    async close() {
      stop();
      await client.dispose();
    },
  };
}

/** Subscribes over SSE, distinct connections mode. */
export async function watchEvents(url: string, headers: Record<string, string>, query: string): Promise<Watch> {
  const record = createRecord();
  const abort = new AbortController();
  const answer = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'text/event-stream', ...headers },
    body: JSON.stringify({ query }),
    signal: abort.signal,
  });
  if (answer.body === null || !answer.ok) throw new Error(`SSE answered ${answer.status}`);
  const reading = read(answer.body, record.add).catch((error: unknown) => {
    record.end(error);
    return 'cut' as const;
  });
  return {
    messages: record.messages,
    until: record.until,
    ended: reading,
    async close() {
      abort.abort();
      await reading;
    },
  };
}

async function read(body: ReadableStream<Uint8Array>, add: (payload: unknown) => void): Promise<SseEnd> {
  let text = '';
  let outcome: SseEnd = 'ended';
  const decoder = new TextDecoder();
  for await (const chunk of body) {
    text += decoder.decode(chunk, { stream: true });
    const events = text.split('\n\n');
    text = events.pop() ?? '';
    for (const event of events) {
      const data = /^data: (.+)$/m.exec(event)?.[1];
      if (event.includes('event: next') && data !== undefined) add(JSON.parse(data));
      if (event.includes('event: complete')) outcome = 'completed';
    }
  }
  return outcome;
}
