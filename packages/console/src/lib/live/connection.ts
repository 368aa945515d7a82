/**
 * Connection: what may honestly be said about the line to the server, at an instant.
 *
 *   facts (what happened, and when) + now -> one state
 *
 * Pure: no timer, no socket. Whoever shows the state asks again as time passes.
 */

export type ConnectionState = 'live' | 'catching-up' | 'reconnecting' | 'stale' | 'offline' | 'paused' | 'signed-out';

/** Times in epoch ms on this browser's clock. */
export interface LineFacts {
  /** When the line was last asked to open: at the start, and when a hidden page is seen again. */
  readonly openedAt: number;
  /** When anything was last heard, a pong included; null = never. */
  readonly heardAt: number | null;
  /** Since when there is no socket; null while there is one. */
  readonly downSince: number | null;
  /** Whether the full snapshot of this connection has arrived. */
  readonly isCaughtUp: boolean;
  /** What the browser says of its network. It can be wrong where the server is on the same machine. */
  readonly isOnline: boolean;
  readonly isPaused: boolean;
  readonly isSignedOut: boolean;
}

/** Silence up to here is Live: the server's heartbeat comes every 2 s. */
export const liveForMs = 3_000;
/** A shorter gap is not worth a word. */
export const reconnectingFromMs = 2_000;
/** From here on the numbers are marked with the time they are from. */
export const staleFromMs = 10_000;

/**
 * The state of the line.
 *
 * @param now  epoch ms, on the clock of the facts
 */
export function connectionOf(facts: LineFacts, now: number): ConnectionState {
  if (facts.isSignedOut) return 'signed-out';
  if (facts.isPaused) return 'paused';
  const silentMs = now - Math.max(facts.heardAt ?? 0, facts.openedAt);
  // A browser without a network may still hear a server on the same machine: believe the ear first.
  if (!facts.isOnline && silentMs >= liveForMs) return 'offline';
  if (silentMs >= staleFromMs) return 'stale';
  if (facts.downSince !== null && now - facts.downSince >= reconnectingFromMs) return 'reconnecting';
  if (silentMs >= liveForMs) return 'reconnecting';
  return facts.isCaughtUp ? 'live' : 'catching-up';
}

/** Whether numbers must carry the time they are from, because they may no longer be true. */
export function needsAsOf(state: ConnectionState): boolean {
  return state === 'stale' || state === 'offline' || state === 'paused' || state === 'signed-out';
}
