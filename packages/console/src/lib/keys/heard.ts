/**
 * Heard: the newest that events told of each key, so that an answer that was read before does not undo it.
 *
 *   mark -> (question ... answer) -> what was heard of a key since the mark, if anything
 *
 * Events of a key come in order, and every change has one: what an event told is never older than an answer to a question
 * that was asked before it came.
 */
import type { Key, KeyChange } from './keys.documents.ts';

export interface Heard {
  hear(change: Pick<KeyChange, 'keyId' | 'key' | 'kind'>): void;
  /** This moment, for `since`. */
  mark(): number;
  /** The key as the last event since the mark told it, null once it is deleted; undefined when none came. */
  since(keyId: string, mark: number): Key | null | undefined;
  /** Whether keys came or went since the mark: then a list that was asked for before may lack one. */
  cameOrWent(mark: number): boolean;
  /** Whether the key is deleted. */
  isGone(keyId: string): boolean;
}

export function createHeard(): Heard {
  const last = new Map<string, { readonly at: number; readonly key: Key | null }>();
  let count = 0;
  let membersAt = 0;
  return {
    hear({ keyId, key, kind }) {
      count += 1;
      last.set(keyId, { at: count, key });
      if (key === null || kind === 'CREATED') membersAt = count;
    },
    mark: () => count,
    since(keyId, mark) {
      const found = last.get(keyId);
      return found !== undefined && found.at > mark ? found.key : undefined;
    },
    cameOrWent: (mark) => membersAt > mark,
    isGone: (keyId) => last.get(keyId)?.key === null,
  };
}
