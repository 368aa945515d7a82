import { describe, expect, it } from 'vitest';
import { type ConnectionState, connectionOf, type LineFacts, needsAsOf } from './connection.ts';

const t0 = 1_000_000;
const heard: LineFacts = {
  openedAt: t0 - 60_000,
  heardAt: t0,
  downSince: null,
  isCaughtUp: true,
  isOnline: true,
  isPaused: false,
  isSignedOut: false,
};
const never = { ...heard, openedAt: t0, heardAt: null, downSince: t0, isCaughtUp: false };
const dropped = { ...heard, downSince: t0, isCaughtUp: false };

describe('the state of the line', () => {
  it.each<[string, LineFacts, number, ConnectionState]>([
    ['a message a moment ago', heard, 0, 'live'],
    ['one heartbeat late', heard, 2_999, 'live'],
    ['silence past the heartbeat', heard, 3_000, 'reconnecting'],
    ['silence just before stale', heard, 9_999, 'reconnecting'],
    ['ten seconds of silence', heard, 10_000, 'stale'],
    ['the very first connect', never, 500, 'catching-up'],
    ['a first connect that takes long', never, 2_000, 'reconnecting'],
    ['a server that never answered', never, 10_000, 'stale'],
    ['a drop that heals at once', { ...dropped, isCaughtUp: true }, 1_999, 'live'],
    ['a drop of two seconds', dropped, 2_000, 'reconnecting'],
    ['a drop of ten seconds', dropped, 10_000, 'stale'],
    ['a new socket without its snapshot', { ...heard, isCaughtUp: false }, 100, 'catching-up'],
    [
      'back from a hidden page',
      { ...heard, heardAt: t0 - 90_000, openedAt: t0, isCaughtUp: false },
      100,
      'catching-up',
    ],
    ['no network, and silence', { ...heard, isOnline: false }, 3_000, 'offline'],
    ['no network, but the server is heard', { ...heard, isOnline: false }, 1_000, 'live'],
    ['paused while live', { ...heard, isPaused: true }, 0, 'paused'],
    ['paused while down', { ...dropped, isPaused: true }, 60_000, 'paused'],
    ['the session is over', { ...heard, isSignedOut: true, isPaused: true }, 0, 'signed-out'],
  ])('%s', (_what, facts, later, state) => {
    expect(connectionOf(facts, t0 + later)).toBe(state);
  });

  it('marks numbers with their time once they may be untrue', () => {
    const marked: ConnectionState[] = ['stale', 'offline', 'paused', 'signed-out'];
    const unmarked: ConnectionState[] = ['live', 'catching-up', 'reconnecting'];
    expect(marked.every(needsAsOf)).toBe(true);
    expect(unmarked.some(needsAsOf)).toBe(false);
  });
});
