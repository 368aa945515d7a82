import { formatClockSeconds } from '#lib/format.ts';

/** The words of the connection. */
export const live = {
  live: 'Live',
  catchingUp: 'Catching up',
  reconnecting: 'Reconnecting',
  stale: (asOf: number): string => `Stale, as of ${formatClockSeconds(asOf)}`,
  offline: (asOf: number): string => `Offline, as of ${formatClockSeconds(asOf)}`,
  paused: (asOf: number): string => `Paused at ${formatClockSeconds(asOf)}`,
  signedOut: 'Signed out',
  asOf: (at: number): string => `as of ${formatClockSeconds(at)}`,
  connection: 'Connection',
  clock: 'UTC · resets shown in your time',
  pause: 'Pause',
  resume: 'Resume',
  pauseKey: 'space',
  retry: 'Retry now',
};
