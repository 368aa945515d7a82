/** Example: a value as a JSON schema describes it, where the document shows none. Bounded, whatever the schema. Pure. */
import { isRecord, itemsOf, type Refs } from './untrusted.ts';

const deepest = 3;
/** Members of all objects of an example together. */
const mostMembers = 60;

const byType: Readonly<Record<string, unknown>> = { integer: 1, number: 1, boolean: true };
const byFormat: Readonly<Record<string, string>> = {
  'date-time': '2026-12-31T00:00:00Z',
  date: '2026-12-31',
  email: 'ada@example.com',
  uri: 'https://example.com',
  uuid: '00000000-0000-4000-8000-000000000000',
};

/** @returns undefined where the schema does not tell enough */
export function exampleOf(schema: unknown, refs: Refs): unknown {
  let members = 0;

  function of(told: unknown, depth: number): unknown {
    const schema = refs(told);
    if (!isRecord(schema) || depth > deepest) return undefined;
    const [first] = [...itemsOf(schema.examples), ...itemsOf(schema.enum)];
    const given = schema.example ?? schema.default ?? schema.const ?? first;
    if (given !== undefined) return given;
    const [variant] = [...itemsOf(schema.oneOf), ...itemsOf(schema.anyOf)];
    if (variant !== undefined) return of(variant, depth + 1);
    const parts = [schema, ...itemsOf(schema.allOf).map(refs)].filter((part) => isRecord(part));
    if (parts.some(({ properties }) => isRecord(properties)))
      return Object.fromEntries(parts.flatMap((part) => membersOf(part, depth)));
    if (schema.items !== undefined) return [of(schema.items, depth + 1)].filter((item) => item !== undefined);
    const type = [schema.type].flat().find((one) => typeof one === 'string' && one !== 'null');
    if (type === 'string') return byFormat[String(schema.format)] ?? (depth === 0 ? undefined : 'string');
    return typeof type === 'string' ? byType[type] : undefined;
  }

  function membersOf({ properties, required }: Readonly<Record<string, unknown>>, depth: number): [string, unknown][] {
    if (!isRecord(properties)) return [];
    const needed = itemsOf(required);
    // Of what may be left out, an example has the first level alone.
    const names = Object.keys(properties).filter((name) => depth === 0 || needed.length === 0 || needed.includes(name));
    return names.flatMap((name) => {
      members += 1;
      const value = members > mostMembers ? undefined : of(properties[name], depth + 1);
      return value === undefined ? [] : [[name, value]];
    });
  }

  return of(schema, 0);
}
