/** Id: new ids from the clock and the system's random source. */
import { randomBytes, randomFillSync } from 'node:crypto';
import { composeId, type IdKind } from '@gatekey/shared';
import type { Clock } from './clock.ts';

export type NewId = (kind: IdKind) => string;

// Ids are made on the request path: random bytes are drawn 256 ids at a time.
const pool = randomBytes(16 * 256);
let used = 0;

/** Makes ids on a clock. Safe to call millions of times a second; never repeats. */
export function createNewId(clock: Clock): NewId {
  return (kind) => {
    if (used === pool.length) {
      randomFillSync(pool);
      used = 0;
    }
    used += 16;
    return composeId(kind, clock.now(), pool.subarray(used - 16, used));
  };
}
