/** Cursor: where a list goes on, as text that clients hand back as it is. */
import { kindOfId } from '@gatekey/shared';
import type { KeyPlace } from '../keys/list.ts';

// Milliseconds up to the year 2286, and an id.
const placePattern = /^(\d{1,13})\.(key_.+)$/;

/** The cursor of a place. */
export function cursorOf({ createdAt, id }: KeyPlace): string {
  return Buffer.from(`${createdAt.getTime()}.${id}`).toString('base64url');
}

/** The place of a cursor; undefined for any other text. */
export function placeOf(cursor: string): KeyPlace | undefined {
  const [, at, id] = placePattern.exec(Buffer.from(cursor, 'base64url').toString()) ?? [];
  if (at === undefined || id === undefined || kindOfId(id) !== 'key') return undefined;
  return { createdAt: new Date(Number(at)), id };
}
