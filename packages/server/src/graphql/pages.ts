/** Pages: the sizes of pages, and cursors, for connections that find their rows themselves. */
import { GraphQLError } from 'graphql';
import { largestPage, usualPage } from './arguments.ts';

export const pageSizes = { defaultSize: usualPage, maxSize: largestPage };

// Cursors of every connection have one form, which is checked before anything runs (arguments.ts).
const cursorStart = 'GPC:S:';

/** The cursor of a place in a list. */
export function cursorOf(place: string): string {
  return Buffer.from(`${cursorStart}${place}`).toString('base64');
}

/**
 * The place that a cursor tells of.
 *
 * @param read  gives undefined for what is no place of the list
 * @throws GraphQLError BAD_USER_INPUT
 */
export function placeOf<Place>(
  cursor: string | undefined,
  read: (text: string) => Place | undefined,
): Place | undefined {
  if (cursor === undefined) return undefined;
  const place = read(Buffer.from(cursor, 'base64').toString().slice(cursorStart.length));
  if (place !== undefined) return place;
  throw badInput('`after` and `before` are cursors of an answer before, in the same order.');
}

export function badInput(message: string): GraphQLError {
  return new GraphQLError(message, { extensions: { code: 'BAD_USER_INPUT' } });
}
