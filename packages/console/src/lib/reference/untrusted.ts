/** Untrusted: careful looks at JSON that anybody may have written. Pure. */

type JsonRecord = Readonly<Record<string, unknown>>;

export function isRecord(value: unknown): value is JsonRecord {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The text, or an empty one. */
export function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

/** The items of a list, or none. */
export function itemsOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** What a value stands for: itself, or what its `$ref` leads to. */
export type Refs = (value: unknown) => unknown;

/** References may lead to references; in a circle, or out of the document, they lead nowhere. */
const mostHops = 8;

/** The way to follow references within a document. */
export function refsOf(document: JsonRecord): Refs {
  return (value) => {
    let found = value;
    for (let hop = 0; hop < mostHops; hop += 1) {
      if (!isRecord(found) || typeof found.$ref !== 'string') return found;
      found = at(document, found.$ref);
    }
    return undefined;
  };
}

/** @see RFC 6901 section 6 */
function at(document: JsonRecord, pointer: string): unknown {
  if (!pointer.startsWith('#/')) return undefined;
  let found: unknown = document;
  for (const part of pointer.slice(2).split('/')) {
    const name = decoded(part).replaceAll('~1', '/').replaceAll('~0', '~');
    if (typeof found !== 'object' || found === null || !Object.hasOwn(found, name)) return undefined;
    found = Object.entries(found).find(([own]) => own === name)?.[1];
  }
  return found;
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
