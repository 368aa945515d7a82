/**
 * Line: one WebSocket to the server with the page's subscriptions, kept open for as long as it is wanted.
 *
 *   open -> connect -> subscribe -> messages ... drop -> wait -> connect ...
 *
 * graphql-ws gives up after one refused reconnect by default, and some close codes (4400 4401 4406 4409 4429 4500) end a
 * client for good whatever its settings say: then a new client is built. A half-open socket fires no `close` in Chromium:
 * the server's heartbeat comes every 2 s, so silence ends it here.
 */
import type { TadaDocumentNode } from 'gql.tada';
import { print } from 'graphql/language/printer';
import { type Client, createClient } from 'graphql-ws';
import { createAlarm, retryDelayMs } from './retry.ts';

/** Three heartbeats. */
const silenceMs = 6_000;
/** Codes by which the server says that this session has no right to the line. */
const refusedCodes = new Set([4401, 4403]);

export interface LineEvents {
  /** A new connection: what comes next starts from a full snapshot. */
  readonly onConnect: () => void;
  readonly onHeard: () => void;
  readonly onDown: () => void;
  /** The server does not know this session, or no longer. It is tried again all the same. */
  readonly onRefused: () => void;
}

export interface Line {
  /** Subscribes for the life of the line, across reconnects. To be called before `open`. */
  subscribe<Data, Variables>(document: TadaDocumentNode<Data, Variables>, onData: (data: Data) => void): void;
  open(): void;
  close(): void;
  /** Try again now instead of after the wait. */
  wake(): void;
}

/** Subscribes on a client; gives back how to unsubscribe. */
type Start = (client: Client, onEnd: (reason: unknown) => void) => () => void;

/** @param url  of the WebSocket; the cookie says who we are */
export function createLine(url: string, events: LineEvents): Line {
  const alarm = createAlarm();
  const starts: Start[] = [];
  let isWanted = false;
  let failures = 0;
  let current: { client: Client; stops: (() => void)[] } | undefined;
  let watchdog: ReturnType<typeof setTimeout> | undefined;

  function heard(): void {
    failures = 0;
    clearTimeout(watchdog);
    watchdog = setTimeout(() => current?.client.terminate(), silenceMs);
    events.onHeard();
  }

  function down(reason: unknown): void {
    clearTimeout(watchdog);
    events.onDown();
    if (isRefusal(reason)) events.onRefused();
  }

  function stop(): void {
    const last = current;
    current = undefined;
    clearTimeout(watchdog);
    for (const end of last?.stops ?? []) end();
  }

  /** What ended one subscription ended the line: build another one, after a wait. */
  async function rebuild(reason: unknown): Promise<void> {
    stop();
    down(reason);
    await alarm.wait(retryDelayMs(failures++, Math.random()));
    if (isWanted && current === undefined) start();
  }

  function start(): void {
    const client: Client = createClient({
      url,
      keepAlive: 10_000,
      connectionAckWaitTimeout: 5_000,
      retryAttempts: Number.POSITIVE_INFINITY,
      shouldRetry: () => true,
      retryWait: (retries) => alarm.wait(retryDelayMs(retries, Math.random())),
      on: {
        connected: () => events.onConnect(),
        message: () => current?.client === client && heard(),
        closed: (reason) => current?.client === client && down(reason),
      },
    });
    current = { client, stops: [] };
    const end = (reason: unknown): void => {
      if (current?.client === client) void rebuild(reason);
    };
    for (const begin of starts) current.stops.push(begin(client, end));
  }

  return {
    subscribe<Data, Variables>(document: TadaDocumentNode<Data, Variables>, onData: (data: Data) => void) {
      const query = print(document);
      starts.push((client, onEnd) =>
        client.subscribe<Data>(
          { query },
          {
            next: ({ data, errors }) => (data && errors === undefined ? onData(data) : onEnd(errors)),
            error: onEnd,
            complete: () => onEnd(undefined),
          },
        ),
      );
    },
    open() {
      isWanted = true;
      if (current === undefined) start();
    },
    close() {
      isWanted = false;
      stop();
      alarm.wake();
    },
    wake: () => alarm.wake(),
  };
}

/** A close event with a code of refusal, or the errors of an operation that nobody may start. */
function isRefusal(reason: unknown): boolean {
  if (reason instanceof CloseEvent) return refusedCodes.has(reason.code);
  return Array.isArray(reason) && JSON.stringify(reason).includes('"UNAUTHENTICATED"');
}
