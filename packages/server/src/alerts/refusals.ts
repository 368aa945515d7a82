/**
 * Refusal alerts: a key was used from an address that it does not allow. Told once for a key, an address and an hour; of
 * one that is tried from everywhere only the first addresses, for the rest is the same news.
 */
import type { Clock } from '../kernel/clock.ts';
import type { Log } from '../kernel/log.ts';
import type { Noticed, Tell } from './tell.ts';

export interface RefusalAlerts {
  refused(key: { readonly id: string; readonly workspaceId: string }, address: string): void;
  /** Tells what is noted. @throws when one cannot be told; it comes last from then on, until it is given up */
  look(): Promise<void>;
}

const hourMs = 3_600_000;
/** One that could not be told for so long, while others could, is given up, ms: if it goes on, it is noted anew by then. */
const patienceMs = hourMs;
const mostOfAKey = 20;
/** Beyond so many keys in an hour no more are noted. */
const mostKeys = 10_000;
/** Beyond so many that wait no more are noted. */
const mostWaiting = 20_000;

interface Waiting extends Noticed {
  /** Epoch ms. */
  readonly refusedAt: number;
}

interface Needs {
  readonly tell: Tell;
  readonly clock: Clock;
  readonly log: Log;
}

/** Opens the watch. */
export function createRefusalAlerts({ tell, clock, log }: Needs): RefusalAlerts {
  let hour = 0;
  /** Addresses of this hour, by key. */
  let seen = new Map<string, Set<string>>();
  const noted: Waiting[] = [];
  /** When one was last told. */
  let toldAt = Number.NEGATIVE_INFINITY;

  return {
    refused({ id: keyId, workspaceId }, address) {
      const now = clock.now();
      if (Math.floor(now / hourMs) !== hour) {
        hour = Math.floor(now / hourMs);
        seen = new Map();
      }
      const known = seen.get(keyId);
      if (known === undefined ? seen.size >= mostKeys : known.has(address) || known.size >= mostOfAKey) return;
      seen.set(keyId, (known ?? new Set()).add(address));
      if (noted.length >= mostWaiting) return;
      noted.push({
        event: { type: 'ip.refused', workspaceId, keyId },
        detail: address,
        at: new Date(hour * hourMs),
        facts: { address, refusedAt: new Date(now) },
        refusedAt: now,
      });
    },
    async look() {
      for (let next = noted.shift(); next !== undefined; next = noted.shift()) {
        try {
          await tell(next);
          toldAt = clock.now();
        } catch (error) {
          if (clock.now() - next.refusedAt < patienceMs || toldAt < next.refusedAt) {
            noted.push(next);
            throw error;
          }
          log.warn({ err: error, keyId: next.event.keyId }, 'an alert cannot be told and is given up');
        }
      }
    },
  };
}
