/**
 * Holders: asks again and again whether those who hold streams open still may, and ends the streams of who may not.
 *
 * A holder may hold many streams and is asked about once for all of them: at once with a new stream, every 2 s or so,
 * at the instant at which its right runs out, and whenever there is a reason to. While nobody can answer, its streams
 * go on for a while. Regular asking is spread over the round, so that many holders are not asked about in one turn.
 */
import type { RefusalCode } from '@gatekey/shared';
import type { Clock } from '../kernel/clock.ts';
import type { Log } from '../kernel/log.ts';

/** Why a stream ended. */
export type StreamEnd = RefusalCode | 'unauthenticated' | 'forbidden';
export type EndStream = (why: StreamEnd) => void;

export interface Holder {
  /** The same for whoever is asked about together. */
  readonly name: string;
  /** Ids of what is a reason to ask when it changes. */
  readonly dependsOn: readonly string[];
  /** For how long its streams go on while nobody can answer, ms. */
  readonly survivesMs: number;
  /** @throws when it cannot be found out */
  ask(): Promise<Right>;
}

export interface Right {
  /** Why it is lost; undefined while it stands. */
  readonly lost: StreamEnd | undefined;
  /** When it runs out by itself, epoch ms; may be infinite. */
  readonly until: number;
}

export interface Holders {
  /** Calls `end` once, when the right is lost. The returned function says that the stream ended by itself. */
  hold(holder: Holder, end: EndStream): () => void;
  /** Asks now about everyone who depends on one of these. */
  askAbout(ids: ReadonlySet<string>): void;
  close(): void;
}

interface Entry {
  readonly holder: Holder;
  readonly ends: Set<EndStream>;
  /** When it last had its right, ms of the process's own clock. */
  knownAt: number;
  timer?: NodeJS.Timeout;
}

const roundMs = 2_000;
const partsOfRound = 8;

/** Knows nobody yet. Timers run only while somebody holds a stream. */
export function createHolders({ clock, log }: { clock: Clock; log: Log }): Holders {
  const entries = new Map<string, Entry>();
  let round = entries.values();
  let ticking: NodeJS.Timeout | undefined;

  const forget = (entry: Entry) => {
    clearTimeout(entry.timer);
    if (entries.get(entry.holder.name) === entry) entries.delete(entry.holder.name);
    if (entries.size > 0) return;
    clearInterval(ticking);
    ticking = undefined;
  };

  const check = async (entry: Entry) => {
    const { lost, until } = await rightOf(entry, log);
    if (entries.get(entry.holder.name) !== entry) return;
    if (lost !== undefined) {
      forget(entry);
      for (const end of entry.ends) end(lost);
      return;
    }
    clearTimeout(entry.timer);
    const leftMs = until - clock.now();
    if (leftMs < roundMs) entry.timer = setTimeout(() => void check(entry), leftMs);
  };

  const tick = () => {
    for (let left = Math.ceil(entries.size / partsOfRound); left > 0; left--) {
      const { done, value } = round.next();
      if (done) round = entries.values();
      else void check(value);
    }
  };

  return {
    hold(holder, end) {
      const entry = entries.get(holder.name) ?? { holder, ends: new Set(), knownAt: performance.now() };
      entries.set(holder.name, entry);
      entry.ends.add(end);
      ticking ??= setInterval(tick, roundMs / partsOfRound);
      // What changed between the decision that let it in and now is not told again.
      void check(entry);
      return () => {
        entry.ends.delete(end);
        if (entry.ends.size === 0) forget(entry);
      };
    },
    askAbout(ids) {
      for (const entry of entries.values()) {
        if (entry.holder.dependsOn.some((id) => ids.has(id))) void check(entry);
      }
    },
    close() {
      for (const entry of entries.values()) forget(entry);
    },
  };
}

async function rightOf(entry: Entry, log: Log): Promise<Right> {
  try {
    const right = await entry.holder.ask();
    entry.knownAt = performance.now();
    return right;
  } catch (error) {
    log.debug({ err: error }, 'the right to a stream could not be looked up');
    const isTooLong = performance.now() - entry.knownAt > entry.holder.survivesMs;
    return { lost: isTooLong ? 'unavailable' : undefined, until: Number.POSITIVE_INFINITY };
  }
}
