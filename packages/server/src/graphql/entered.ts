/** Entered: what follows from somebody having come in, the same for every protocol. */
import type { EndStream } from '../guard/holders.ts';
import type { Streams } from '../guard/streams.ts';
import type { Clock } from '../kernel/clock.ts';
import type { KeyUse } from '../keys/seen.ts';
import type { Entry } from './entrance.ts';

/** An operation, as it was answered. */
interface Answered {
  readonly method: string;
  readonly status: number;
  readonly userAgent: string | undefined;
}

/** Notes that a key was used; of anyone else nothing is noted. */
export function noteUse(needs: { keyUse: KeyUse; clock: Clock }, entry: Entry, answered: Answered): void {
  if (entry.kind !== 'key') return;
  const { key, secretHash } = entry.admission;
  const seen = { keyId: key.id, workspaceId: key.workspaceId, secretHash };
  const { address } = entry.caller;
  needs.keyUse.seen(seen, needs.clock.now(), () => ({ ...answered, path: '/graphql', address }));
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
