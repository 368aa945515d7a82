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
  /** The server does not know this session, or it may not look at this any longer. It is tried again all the same. */
  readonly onRefused: () => void;
}

interface Options<Variables> {
  readonly variables?: Variables;
  /** The viewer may not, or no longer: it ends alone, and the line goes on. Without this it is tried again with the line. */
  readonly onForbidden?: () => void;
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

  /**
   * Subscribes across reconnects, from now on or from when the line is opened.
   *
   * @returns how to end it; otherwise it lives as long as the line
   */
  subscribe<Data, Variables extends Record<string, unknown>>(
    document: TadaDocumentNode<Data, Variables>,
    onData: (data: Data) => void,
    { variables, onForbidden }: Options<Variables> = {},
  ): () => void {
    const request = { query: print(document), ...(variables && { variables }) };
    const start: Start = (client, onEnd) => {
      const fail = (reason: unknown): void => {
        if (onForbidden !== undefined && hasCode(reason, 'FORBIDDEN')) {
          this.#starts.delete(start);
          onForbidden();
        } else onEnd(reason);
      };
      return client.subscribe<Data>(request, {
        next: ({ data, errors }) => {
          if (!data || errors !== undefined) return fail(errors);
          this.#failures = 0;
          onData(data);
        },
        error: fail,
        complete: () => onEnd(undefined),
      });
    };
    this.#starts.add(start);
    this.#begin(start);
    return () => {
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
    for (const start of this.#starts) this.#begin(start);
  }

  #begin(start: Start): void {
    const current = this.#current;
    if (current === undefined) return;
    const end = (reason: unknown): void => {
      // One that is no longer wanted ends too; that says nothing about the line.
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
    // What the server completes by itself it would not have opened again.
    if (reason === undefined) this.#events.onRefused();
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
  return hasCode(reason, 'UNAUTHENTICATED') || hasCode(reason, 'FORBIDDEN');
}

/** Whether these are the errors of an operation, and one of them has this code. */
function hasCode(reason: unknown, code: string): boolean {
  return Array.isArray(reason) && JSON.stringify(reason).includes(`"${code}"`);
}
