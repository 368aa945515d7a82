/**
 * Live: what the page knows of the present, and how sure it is.
 *
 *   line -> ticks -> truth -> (once per frame, unless paused) -> view
 *
 * Keeps the last truth when the line is down and says so by `state`; never guesses and never shows an empty value for a
 * lost one. A hidden page closes its socket after 30 s and opens it at once when it is seen again.
 */
import { createContext } from 'svelte';
import { on } from 'svelte/events';
import { type ConnectionState, connectionOf, type LineFacts, needsAsOf } from './connection.ts';
import { Line } from './line.ts';
import { type Usage, UsageTicks } from './live.documents.ts';
import { createServerClock } from './server-clock.ts';
import { firstView, foldTick, type UsageView } from './ticks.ts';

const hiddenForMs = 30_000;
/** How often the state and the clock are looked at; both are shown in whole seconds. */
const lookMs = 250;

interface Needs {
  /** Usage as it was when the page was asked for. */
  readonly usage: Usage;
  /** `wss://host/graphql` */
  readonly url: string;
  /** The server refused the line: is the session still good? */
  readonly onRefused: () => void;
}

export class Live {
  readonly line: Line;
  #clock = createServerClock();
  #truth: UsageView;
  #facts: LineFacts;
  #frame: number | undefined;
  #isAsleep = false;

  /** What to show. Frozen while paused. */
  view: UsageView;
  state: ConnectionState = $state('catching-up');
  /** The server's time in whole seconds, epoch ms. Frozen while paused. */
  now = $state(0);
  /** The time the shown numbers are from, if they may no longer be true; else null. */
  asOf: number | null;

  constructor({ usage, url, onRefused }: Needs) {
    const now = Date.now();
    this.#truth = firstView(usage, now);
    this.view = $state.raw(this.#truth);
    this.asOf = $derived(needsAsOf(this.state) ? this.view.at : null);
    this.now = now;
    this.#facts = {
      openedAt: now,
      heardAt: null,
      downSince: now,
      isCaughtUp: false,
      isOnline: navigator.onLine,
      isPaused: false,
      isSignedOut: false,
    };
    this.line = new Line(url, {
      onConnect: () => this.#learn({ downSince: null, isCaughtUp: false }),
      onHeard: () => this.#learn({ heardAt: Date.now() }),
      onDown: () => this.#learn({ downSince: this.#facts.downSince ?? Date.now() }),
      onRefused,
    });
    this.line.subscribe(UsageTicks, ({ usage: tick }) => {
      this.#clock.sample(Date.parse(tick.at), Date.now());
      this.#truth = foldTick(this.#truth, tick, !this.#facts.isCaughtUp);
      this.#learn({ isCaughtUp: true });
      this.#frame ??= requestAnimationFrame(() => this.#flush());
    });
  }

  /** Opens the line and follows the page's and the network's coming and going. @returns how to stop */
  start(): () => void {
    this.line.open();
    const timer = setInterval(() => this.#look(), lookMs);
    let hiding: ReturnType<typeof setTimeout> | undefined;
    const stops = [
      on(window, 'online', () => {
        this.#learn({ isOnline: true });
        this.line.wake();
      }),
      on(window, 'offline', () => this.#learn({ isOnline: false })),
      on(document, 'visibilitychange', () => {
        clearTimeout(hiding);
        if (document.hidden) hiding = setTimeout(() => this.#sleep(), hiddenForMs);
        else this.#comeBack();
      }),
    ];
    return () => {
      clearInterval(timer);
      clearTimeout(hiding);
      for (const stop of stops) stop();
      this.line.close();
    };
  }

  /** Freezes numbers, countdowns and all; the line goes on. */
  pause(): void {
    this.#learn({ isPaused: true });
  }

  /** Shows the newest truth at once. */
  resume(): void {
    this.#learn({ isPaused: false });
    this.#flush();
  }

  signedOut(): void {
    this.#learn({ isSignedOut: true });
    this.line.close();
  }

  #sleep(): void {
    this.#isAsleep = true;
    this.line.close();
  }

  #comeBack(): void {
    const now = Date.now();
    // A line that slept starts anew: it is catching up, not stale.
    if (this.#isAsleep) this.#learn({ openedAt: now, downSince: now, isCaughtUp: false });
    this.#isAsleep = false;
    this.line.open();
    this.line.wake();
  }

  #learn(news: Partial<LineFacts>): void {
    this.#facts = { ...this.#facts, ...news };
    this.#look();
  }

  #look(): void {
    const now = Date.now();
    this.state = connectionOf(this.#facts, now);
    if (!this.#facts.isPaused) this.now = Math.floor(this.#clock.at(now) / 1000) * 1000;
  }

  #flush(): void {
    this.#frame = undefined;
    if (!this.#facts.isPaused) this.view = this.#truth;
  }
}

export const [getLive, setLive] = createContext<Live>();
