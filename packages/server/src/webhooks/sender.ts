/** Sender: one POST to a target; the port. What it does to the world stands in `sender.http.ts`. */

/** Why there was no answer. */
export const faults = ['dns', 'target', 'tls', 'connection', 'timeout', 'interrupted', 'secret'] as const;
export type Fault = (typeof faults)[number];

/** What became of a POST. */
export type Posted = Answered | { readonly fault: Fault; readonly durationMs: number };

export interface Answered {
  readonly status: number;
  readonly durationMs: number;
  /** The field `Retry-After`, as it came. */
  readonly retryAfter: string | undefined;
  /** The first 16 kB, as text. */
  readonly body: string;
}

export interface Message {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface Sender {
  /** Whether webhooks may go to this URL now: its name is resolved, and every address of it judged. */
  mayReach(url: string): Promise<boolean>;
  /**
   * Posts once, follows nothing, and settles within the time-out; whatever becomes of it is a value.
   *
   * @param stop  ends it early, with the fault `interrupted`
   */
  post(message: Message, stop: AbortSignal): Promise<Posted>;
}
