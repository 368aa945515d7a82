/**
 * Throttle: how often somebody may try, counted by whatever names them.
 *
 * Counts live in this process and are bounded: past 20,000 names the oldest windows are forgotten first. Several servers
 * count each for itself.
 */
import type { Clock } from '../kernel/clock.ts';

/** So many tries under a name, from the first one until its window ends. */
export interface Bound {
  readonly name: string;
  readonly most: number;
  readonly windowSeconds: number;
}

export interface Throttle {
  /**
   * Counts a try under each bound, or under none when one of them is spent.
   *
   * @returns the seconds after which it would be counted, rounded up; undefined when it was
   */
  take(bounds: readonly Bound[]): number | undefined;
  /** Takes a try back that turned out to be none. */
  giveBack(bounds: readonly Bound[]): void;
}

interface Window {
  tries: number;
  /** Epoch ms. */
  readonly endsAt: number;
}

const mostNames = 20_000;

/** Knows nobody yet. */
export function createThrottle({ clock }: { clock: Clock }): Throttle {
  const windows = new Map<string, Window>();

  /** The window that runs now; one that is over counts for nothing. */
  const running = (name: string): Window | undefined => {
    const window = windows.get(name);
    if (window === undefined || window.endsAt > clock.now()) return window;
    windows.delete(name);
    return undefined;
  };

  const begin = (bound: Bound): Window => {
    if (windows.size >= mostNames) makeRoom();
    const window = { tries: 0, endsAt: clock.now() + bound.windowSeconds * 1_000 };
    windows.set(bound.name, window);
    return window;
  };

  const makeRoom = () => {
    for (const name of windows.keys()) running(name);
    for (const name of windows.keys()) {
      if (windows.size < mostNames) return;
      windows.delete(name);
    }
  };

  return {
    take(bounds) {
      const spent = bounds.flatMap(({ name, most }) => {
        const window = running(name);
        return window !== undefined && window.tries >= most ? window.endsAt - clock.now() : [];
      });
      if (spent.length > 0) return Math.ceil(Math.max(...spent) / 1_000);
      for (const bound of bounds) (running(bound.name) ?? begin(bound)).tries += 1;
      return undefined;
    },
    giveBack(bounds) {
      for (const { name } of bounds) {
        const window = running(name);
        if (window !== undefined && window.tries > 0) window.tries -= 1;
      }
    },
  };
}
