/**
 * Streams: what stays open ends when whoever opened it loses the right to it.
 *
 *   event of the workspace or session | expiry | every 2 s -> keys.find -> the guard's own checks, at no cost -> end
 *
 * Promises: a key's streams end within 1 s of an event, of its expiry or of the end of its secret, and within 10 s where
 * no event arrives; a session's within 1 s of its end, within 10 s where no event arrives; those of a workspace also so
 * when a membership or role is taken away. Streams of others stay. While the database is away, streams of
 * known keys and of sessions go on for up to 10 minutes.
 * Does not ask limits, and does not know how a protocol ends a stream.
 */
import { type Ability, can, type Person } from '../accounts/actor.ts';
import type { Sessions } from '../accounts/sessions.ts';
import { type Events, isReport } from '../events/domain-event.ts';
import type { Clock } from '../kernel/clock.ts';
import type { Log } from '../kernel/log.ts';
import type { KeyLookup } from '../keys/lookup.ts';
import type { SecretHash } from '../keys/secret.ts';
import { createHolders, type EndStream, type StreamEnd } from './holders.ts';
import { type Bearer, standingRefusal, standsUntil } from './standing.ts';

/** The key that a stream was opened with. It must keep the scopes that it had then. */
export interface StreamKey extends Bearer {
  readonly workspaceId: string;
  /** SHA-256 of the secret that opened it. */
  readonly secretHash: SecretHash;
}

/** The session that a stream was opened with. */
export interface StreamSession {
  readonly sessionId: string;
  /** What it must go on to allow, and in which workspace; left out where a stream is of no workspace. */
  readonly within?: { readonly ability: Ability; readonly workspaceId: string };
}

export interface Streams {
  /** Calls `end` once, when the key has lost its right. The returned function says that the stream ended by itself. */
  ofKey(key: StreamKey, end: EndStream): () => void;
  /** The same for a session that is over, or whose person may no longer do what the stream needs. */
  ofSession(session: StreamSession, end: EndStream): () => void;
  close(): void;
}

interface Needs {
  readonly lookup: KeyLookup;
  readonly sessions: Sessions;
  readonly events: Events;
  readonly clock: Clock;
  readonly log: Log;
}

/** The cache answers for a key that did not change; for one that did, nobody can vouch. */
const keySurvivesMs = 8_000;
const sessionSurvivesMs = 10 * 60_000;

/** Opens the watch; from when it settles it hears of every change. */
export async function createStreams({ lookup, sessions, events, clock, log }: Needs): Promise<Streams> {
  const holders = createHolders({ clock, log });
  let changed = new Set<string>();

  const askChanged = () => {
    const ids = changed;
    changed = new Set();
    holders.askAbout(ids);
  };
  const stopListening = await events.listenToAll((event) => {
    // Limits stop calls, not what is open.
    if (isReport(event) || 'planId' in event || 'costRuleId' in event) return;
    // Not in this turn: whoever else hears of the event, the cache of keys above all, must have done its part.
    if (changed.size === 0) setImmediate(askChanged);
    changed.add('sessionId' in event ? event.sessionId : event.workspaceId);
  });

  return {
    ofKey({ secretHash, workspaceId, ...bearer }, end) {
      const name = [secretHash, bearer.address, ...bearer.scopes].join(' ');
      const ask = async () => {
        const found = await lookup.find(secretHash);
        const lost = standingRefusal(found, bearer, clock.now());
        return { lost, until: found === undefined ? clock.now() : standsUntil(found) };
      };
      return holders.hold({ name, dependsOn: [workspaceId], survivesMs: keySurvivesMs, ask }, end);
    },
    ofSession({ sessionId, within }, end) {
      const ask = async () => {
        const lost = lostBy(await sessions.personOf(sessionId), within);
        return { lost, until: Number.POSITIVE_INFINITY };
      };
      const name = ['session', sessionId, within?.ability, within?.workspaceId].join(' ');
      const dependsOn = within === undefined ? [sessionId] : [sessionId, within.workspaceId];
      return holders.hold({ name, dependsOn, survivesMs: sessionSurvivesMs, ask }, end);
    },
    close() {
      stopListening();
      holders.close();
    },
  };
}

function lostBy(person: Person | undefined, within: StreamSession['within']): StreamEnd | undefined {
  if (person === undefined) return 'unauthenticated';
  return within === undefined || can(person, within.ability, within.workspaceId) ? undefined : 'forbidden';
}
