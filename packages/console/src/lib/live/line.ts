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

/** Subscribes on a client; gives back how to unsubscribe. */
type Start = (client: Client, onEnd: (reason: unknown) => void) => () => void;

interface Current {
  readonly client: Client;
  readonly stops: Map<Start, () => void>;
}

export class Line {
  #url: string;
  #events: LineEvents;
  #alarm = createAlarm();
  #starts = new Set<Start>();
  #isWanted = false;
  /** Clients that ended since data last came: an open door that gives nothing is a failure too. */
  #failures = 0;
  #current: Current | undefined;
  #watchdog: ReturnType<typeof setTimeout> | undefined;

  /** @param url  of the WebSocket; the cookie says who we are */
  constructor(url: string, events: LineEvents) {
    this.#url = url;
    this.#events = events;
  }

  /** Subscribes across reconnects. @returns how to end it; it ends with the line too */
  subscribe<Data, Variables extends object>(
    document: TadaDocumentNode<Data, Variables>,
    onData: (data: Data) => void,
    variables?: Variables,
  ): () => void {
    const query = print(document);
    const start: Start = (client, onEnd) =>
      client.subscribe<Data>(
        { query, variables: { ...variables } },
        {
          next: ({ data, errors }) => {
            if (!data || errors !== undefined) return onEnd(errors);
            this.#failures = 0;
            onData(data);
          },
          error: onEnd,
          complete: () => onEnd(undefined),
        },
      );
    this.#starts.add(start);
    if (this.#current !== undefined) this.#begin(this.#current, start);
    return () => {
      // Forgotten first: its end is not that of the line.
      this.#starts.delete(start);
      this.#current?.stops.get(start)?.();
      this.#current?.stops.delete(start);
    };
  }

  open(): void {
    this.#isWanted = true;
    if (this.#current === undefined) this.#start();
  }

  close(): void {
    this.#isWanted = false;
    this.#stop();
    this.#alarm.wake();
  }

  /** Try again now instead of after the wait. */
  wake(): void {
    this.#alarm.wake();
  }

  #start(): void {
    const client: Client = createClient({
      url: this.#url,
      keepAlive: 10_000,
      connectionAckWaitTimeout: 5_000,
      retryAttempts: Number.POSITIVE_INFINITY,
      shouldRetry: () => true,
      retryWait: (retries) => this.#alarm.wait(retryDelayMs(retries, Math.random())),
      on: {
        connected: () => this.#events.onConnect(),
        message: () => this.#current?.client === client && this.#heard(),
        closed: (reason) => this.#current?.client === client && this.#down(reason),
      },
    });
    this.#current = { client, stops: new Map() };
    for (const start of this.#starts) this.#begin(this.#current, start);
  }

  #begin(current: Current, start: Start): void {
    const end = (reason: unknown): void => {
      if (this.#current === current && this.#starts.has(start)) void this.#rebuild(reason);
    };
    current.stops.set(start, start(current.client, end));
  }

  #stop(): void {
    const last = this.#current;
    this.#current = undefined;
    clearTimeout(this.#watchdog);
    for (const end of last?.stops.values() ?? []) end();
  }

  /** What ended one subscription ended the line: build another client, after a wait. */
  async #rebuild(reason: unknown): Promise<void> {
    this.#stop();
    this.#down(reason);
    await this.#alarm.wait(retryDelayMs(this.#failures++, Math.random()));
    if (this.#isWanted && this.#current === undefined) this.#start();
  }

  #heard(): void {
    clearTimeout(this.#watchdog);
    this.#watchdog = setTimeout(() => this.#current?.client.terminate(), silenceMs);
    this.#events.onHeard();
  }

  #down(reason: unknown): void {
    clearTimeout(this.#watchdog);
    this.#events.onDown();
    if (isRefusal(reason)) this.#events.onRefused();
  }
}

/** A close event with a code of refusal, or the errors of an operation that nobody may start. */
function isRefusal(reason: unknown): boolean {
  if (reason instanceof CloseEvent) return refusedCodes.has(reason.code);
  return Array.isArray(reason) && JSON.stringify(reason).includes('"UNAUTHENTICATED"');
}
