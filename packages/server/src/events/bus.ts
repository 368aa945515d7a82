/**
 * Bus: short hints between the servers of one instance.
 *
 * A hint says that something changed, never what is true: messages can be lost while a connection is away, so whoever
 * hears one reads the truth from its store, and reads it again after `onReconnect`.
 */

export interface Bus {
  /** Sends a hint to every listener on every server, this one included. Never waits, never throws. */
  publish(channel: string, message: string): void;
  /**
   * Calls the listener for every message from when the promise settles until the returned function is called.
   * Listeners of one channel share one subscription of the transport. A listener that throws harms no other.
   */
  subscribe(channel: string, listener: (message: string) => void): Promise<() => void>;
  /** Calls the listener after a lost connection is back: hints may be missing. Returns the function that ends it. */
  onReconnect(listener: () => void): () => void;
  close(): Promise<void>;
}
