import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

const folder = new URL('../../messages/', import.meta.url);

function wordsOf(locale: string, room: string): Record<string, unknown> {
  return JSON.parse(readFileSync(new URL(`${locale}/${room}`, folder), 'utf8'));
}

/** The names in braces, whatever stands around them. */
function inputsOf(message: unknown): string[] {
  return [...new Set(JSON.stringify(message).match(/\{\w+\}/g))].toSorted();
}

describe('the words of the console', () => {
  const rooms = readdirSync(new URL('en/', folder));

  it.each(rooms)('are said in German as in English: %s', (room) => {
    const [english, german] = [wordsOf('en', room), wordsOf('de', room)];
    expect(Object.keys(german)).toEqual(Object.keys(english));
    for (const [name, message] of Object.entries(english))
      expect(inputsOf(german[name]), name).toEqual(inputsOf(message));
  });
});
