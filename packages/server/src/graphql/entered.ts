/** Entered: what follows from somebody having come in, the same for every protocol. */
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
  needs.keyUse.seen({
    ...answered,
    keyId: key.id,
    workspaceId: key.workspaceId,
    secretHash,
    at: needs.clock.now(),
    path: '/graphql',
    address: entry.caller.address,
  });
}
