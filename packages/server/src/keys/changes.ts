/** Changes: what changed while something was being read, so that what was read then is not taken for the truth. */
import type { FoundKey } from './lookup.ts';

/** Ids; past it all are forgotten, and whatever is being read counts as overtaken. */
const mostNoted = 10_000;

export interface Changes {
  /** A mark; every change after it is greater. */
  now(): number;
  /** Notes that a key or a workspace changed. @param makesSecrets  what was unknown may be known now */
  of(id: string, makesSecrets: boolean): void;
  /** Notes that anything may have changed. */
  ofAll(): void;
  /** Whether what was found may have changed since a mark. Other tenants' changes are no reason to read again. */
  isOvertaken(found: FoundKey | undefined, since: number): boolean;
  /** Nothing is being read: forgets all. */
  forget(): void;
}

/** Knows of none. */
export function createChanges(): Changes {
  const lastOf = new Map<string, number>();
  let count = 0;
  let lastOfAll = 0;
  let lastSecret = 0;
  return {
    now: () => count,
    of(id, makesSecrets) {
      count += 1;
      if (makesSecrets) lastSecret = count;
      if (lastOf.size >= mostNoted) {
        lastOf.clear();
        lastOfAll = count;
      }
      lastOf.set(id, count);
    },
    ofAll() {
      count += 1;
      lastOfAll = count;
    },
    isOvertaken(found, since) {
      if (lastOfAll > since) return true;
      if (found === undefined) return lastSecret > since;
      return [found.key.id, found.key.workspaceId].some((id) => (lastOf.get(id) ?? 0) > since);
    },
    forget: () => lastOf.clear(),
  };
}
