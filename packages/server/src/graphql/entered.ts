/** Entered: what follows from somebody having come in, the same for every protocol. */
import type { EndStream } from '../guard/holders.ts';
import type { Streams } from '../guard/streams.ts';
import type { Clock } from '../kernel/clock.ts';
import type { KeyUse } from '../keys/seen.ts';
import type { Answered } from '../requests/entry.ts';
import type { RequestNotes } from '../requests/requests.ts';
import type { Entry } from './entrance.ts';

interface Needs {
  readonly requests: RequestNotes;
  readonly keyUse: KeyUse;
  readonly clock: Clock;
}

/** An operation, as it was answered. */
interface AnsweredOperation extends Pick<Answered, 'id' | 'method' | 'address' | 'durationMs'> {
  readonly status: number;
  readonly userAgent: string | undefined;
}

const path = '/graphql';

/** Notes that a key was used, or refused; of anyone else nothing is noted. */
export function noteUse({ requests, keyUse, clock }: Needs, entry: Entry, operation: AnsweredOperation): void {
  const { userAgent, method, status, address } = operation;
  if (entry.kind === 'refused') {
    requests.note(entry.decision, { ...operation, url: path });
  }
  if (entry.kind !== 'key') return;
  requests.note(entry.admission, { ...operation, url: path });
  const { key, secretHash } = entry.admission;
  const seen = { keyId: key.id, workspaceId: key.workspaceId, secretHash };
  keyUse.seen(seen, clock.now(), () => ({ userAgent, method, path, status, address }));
}

/** Has a stream end with the right of whoever opened it. The returned function says that it ended by itself. */
export function endWithRight(streams: Streams, entry: Entry, end: EndStream): () => void {
  if (entry.kind === 'key') {
    const { key, secretHash } = entry.admission;
    const { address } = entry.caller;
    return streams.ofKey({ workspaceId: key.workspaceId, secretHash, address, scopes: key.scopes }, end);
  }
  const actor = entry.kind === 'user' ? entry.caller.actor : undefined;
  return actor?.kind === 'user' ? streams.ofSession({ sessionId: actor.sessionId }, end) : () => {};
}
