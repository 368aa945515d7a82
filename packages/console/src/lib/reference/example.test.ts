import { describe, expect, it } from 'vitest';
import { exampleOf } from './example.ts';
import { refsOf } from './untrusted.ts';

const tree = { properties: { name: { type: 'string' }, left: { $ref: '#/Tree' }, right: { $ref: '#/Tree' } } };
const wide = { properties: Object.fromEntries(Array.from({ length: 500 }, (_, n) => [`p${n}`, { type: 'integer' }])) };
const refs = refsOf({ Tree: tree, Loop: { $ref: '#/Loop' } });

describe('an example of a schema', () => {
  it.each([
    [{ type: 'integer' }, 1],
    [{ type: 'string' }, undefined],
    [{ type: 'string', format: 'email' }, 'ada@example.com'],
    [{ default: 20, type: 'integer' }, 20],
    [{ enum: ['day', 'hour'] }, 'day'],
    [{ examples: ['x'], default: 'y' }, 'y'],
    [{ const: 'z' }, 'z'],
    [{ oneOf: [{ type: 'boolean' }, { type: 'null' }] }, true],
    [{ type: 'array', items: { type: 'string' } }, ['string']],
    [{ type: 'array', items: {} }, []],
    [{ properties: { a: { type: 'null' }, b: {} } }, {}],
    [{ allOf: [{ properties: { a: { type: 'integer' } } }, { properties: { b: { const: 'c' } } }] }, { a: 1, b: 'c' }],
    [
      { properties: { a: { properties: { b: { type: 'integer' }, c: { type: 'integer' } }, required: ['c'] } } },
      { a: { c: 1 } },
    ],
    [{ $ref: '#/Loop' }, undefined],
    ['nonsense', undefined],
    [null, undefined],
  ])('%j is %j', (schema, example) => {
    expect(exampleOf(schema, refs)).toEqual(example);
  });

  it('is bounded, however deep or wide', () => {
    expect(JSON.stringify(exampleOf(tree, refs)).length).toBeLessThan(3_000);
    expect(Object.keys(Object(exampleOf(wide, refs)))).toHaveLength(60);
  });
});
